"""Reads one table of a TOML file key by key and says, by name, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from case_management.exceptions import InvalidConfiguration

T = TypeVar("T")

_WORDS = {
    str: "text in quotation marks",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list in square brackets",
    dict: "a table",
}


class Section:
    """A table of the file; every key must be taken, what is left over when it is done is a mistake."""

    def __init__(self, values: Mapping[str, Any], *, file: str, path: str = "") -> None:
        self._values = dict(values)
        self._all = frozenset(values)
        self._asked: set[str] = set()
        self._file = file
        self._path = path

    def __contains__(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._all

    def wrong(self, key: str, fault: str) -> InvalidConfiguration:
        """The error that names the file, the key and the mend."""
        return InvalidConfiguration(f'{self._file}: "{self._place(key)}" {fault}', key=self._place(key))

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of the key, which must be of the kind; without a default the key is needed."""
        found = self.take_or_none(key, kind)
        if found is None and default is None:
            raise self.wrong(key, f"is missing. Write {_WORDS[kind]}.")
        return found if found is not None else cast("T", default)

    def take_or_none(self, key: str, kind: type[T]) -> T | None:
        """The value of the key, which must be of the kind; None where the key is not given."""
        self._asked.add(key)
        if key not in self._values:
            return None
        value = self._values.pop(key)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"is {value!r}. Write {_WORDS[kind]}.")
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A text or a list of texts."""
        self._asked.add(key)
        if key not in self._values:
            return default
        value = self._values.pop(key)
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in listed):
            raise self.wrong(key, "holds something that is not text. Write a list of texts in quotation marks.")
        return tuple(listed)

    def section(self, key: str) -> Section:
        """A table inside this one; empty where it is not given."""
        return self.inside(key, self.take(key, dict, {}))

    def inside(self, key: str, values: Mapping[str, Any]) -> Section:
        """These values as the table that stands under the key."""
        return Section(values, file=self._file, path=self._place(key))

    def take_any(self, key: str) -> Any:
        """The value of the key, whatever it is; the key is there."""
        self._asked.add(key)
        return self._values.pop(key)

    def keys(self) -> Iterator[str]:
        """The keys that were not taken yet, in the order of the file."""
        yield from list(self._values)

    def done(self) -> None:
        """Raise for a key that nobody asked for."""
        for key in self._values:
            near = get_close_matches(key, self._asked, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known here: {', '.join(sorted(self._asked))}."
            raise self.wrong(key, f"is not known. {hint}")

    def _place(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key
