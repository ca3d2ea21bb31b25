"""Fills the places of a text in one pass: what is put in is never read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from case_management.exceptions import PromptsUnanswered, TextTooLong
from case_management.wordsmith.written import MOST_BYTES, SLOT, Wording, tidy_name


@dataclass
class Filled:
    """A text with what could be filled in; ``open_names`` are the places that are still empty, in their order."""

    pieces: list[str] = field(default_factory=list)
    open_names: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, piece: str) -> None:
        """Append. Raises TextTooLong above MOST_BYTES, before anything longer is built."""
        self.size += len(piece.encode(errors="replace"))
        if self.size > MOST_BYTES:
            raise TextTooLong(
                _("The text is longer than %d kilobytes; shorten what you put in.") % (MOST_BYTES // 1024),
                fields=["body"],
            )
        self.pieces.append(piece)

    def leave_open(self, name: str) -> None:
        """Show an empty place as such."""
        if name not in self.open_names:
            self.open_names.append(name)
        self.add(f"[[{name}]]")

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)

    def require_complete(self) -> str:
        """The text. Raises PromptsUnanswered, which names what is missing, while a place is empty."""
        if self.open_names:
            named = ", ".join(f"[[{name}]]" for name in self.open_names)
            raise PromptsUnanswered(
                _("Still to be filled in before this can be sent: %s. If you mean the brackets, put a space in them.")
                % named,
                names=self.open_names,
                fields=["body"],
            )
        return self.text


def fill(wording: Wording, values: Mapping[str, str]) -> Filled:
    """Put ``values`` (name → plain text) into the places; a name without a value, or with an empty one, stays open."""
    filled = Filled()
    for part in wording.parts:
        name = getattr(part, "name", None)
        if name is None:
            filled.add(part.text)
        elif values.get(name):
            filled.add(values[name])
        else:
            filled.leave_open(name)
    return filled


def complete(text: str, answers: Mapping[str, str], *, literal: Iterable[str] = ()) -> Filled:
    """Put ``answers`` into a text that an agent may have edited, in one pass.

    ``literal`` are values that were put in before, such as the customer's name: what they hold is nobody's place to
    fill, whatever it looks like.
    """
    filled, at = Filled(), 0
    for found in _pattern(literal).finditer(text):
        filled.add(text[at : found.start()])
        at = found.end()
        inner = SLOT.fullmatch(found[0]) if found.lastgroup == "slot" else None
        name = tidy_name(inner[1]) if inner else ""
        if not name:
            filled.add(found[0])
        elif answers.get(name):
            filled.add(answers[name])
        else:
            filled.leave_open(name)
    filled.add(text[at:])
    return filled


def _pattern(literal: Iterable[str]) -> re.Pattern[str]:
    masked = sorted({value for value in literal if "[[" in value}, key=len, reverse=True)
    known = "|".join(re.escape(value) for value in masked)
    slot = f"(?P<slot>{SLOT.pattern})"
    return re.compile(f"(?P<literal>{known})|{slot}" if known else slot)
