"""One filter of the panel as a control: what can be chosen, and what is."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Lists of this length can be narrowed by typing.
LONG = 8


@dataclass(frozen=True)
class Option:
    """One value that can be chosen; ``count`` is None where nobody counted, ``depth`` is that of a tree."""

    value: str
    label: str
    chosen: bool
    count: int | None = None
    depth: int = 1


@dataclass(frozen=True)
class Control:
    """One filter of the panel."""

    name: str
    label: str
    kind: str
    options: list[Option] = field(default_factory=list)
    value: str = ""

    @property
    def chosen(self) -> int:
        """How many of the options are in force."""
        return sum(option.chosen for option in self.options)

    @property
    def is_long(self) -> bool:
        """Whether it is quicker to type than to look."""
        return len(self.options) > LONG
