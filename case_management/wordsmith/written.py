"""A wording as it is written, read once: text, slots in double brackets, and parts that may not be edited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration

#: A letter is no longer than this, in bytes of UTF-8.
MOST_BYTES = 256 * 1024
#: Anything else in brackets is text. No brackets inside, so that a name never swallows another one.
SLOT = re.compile(r"\[\[([^\[\]\r\n]{1,80})\]\]")
_OPENING = re.compile(r"LOCKED(?:\s*:\s*(?P<title>.+))?", re.IGNORECASE)
_CLOSING = re.compile(r"/\s*LOCKED", re.IGNORECASE)


def tidy_name(name: str) -> str:
    """How names of tokens and prompts are compared: capitals, single spaces."""
    return " ".join(name.split()).upper()


@dataclass(frozen=True)
class Text:
    """Words that stand as they are; ``lock`` is the number of the locked part in which they stand."""

    text: str
    lock: int | None = None


@dataclass(frozen=True)
class Slot:
    """A place to be filled: by a token, or by what the agent answers to a prompt."""

    name: str
    lock: int | None = None

    @property
    def text(self) -> str:
        """How an empty place is shown."""
        return f"[[{self.name}]]"


@dataclass(frozen=True)
class Prompt:
    """What the agent is asked before the letter can go: the name in the text, and the question."""

    name: str
    label: str


@dataclass
class Wording:
    """The parts of a text in their order, and the titles of its locked parts."""

    parts: list[Text | Slot] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)

    def names(self) -> list[str]:
        """Every name in brackets, once, in the order of the text."""
        return list(dict.fromkeys(part.name for part in self.parts if isinstance(part, Slot)))


def parse(text: str) -> Wording:
    """Read a text. Raises InvalidConfiguration where a locked part is not closed, or stands inside another one."""
    wording, lock = Wording(), _Lock()
    for piece, is_slot in _pieces(text):
        if not is_slot:
            wording.parts.append(Text(piece, lock.number))
        elif opening := _OPENING.fullmatch(piece):
            lock.open(wording, (opening["title"] or "").strip())
        elif _CLOSING.fullmatch(piece):
            lock.close()
        else:
            wording.parts.append(Slot(tidy_name(piece), lock.number))
    lock.require_closed()
    return wording


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Texts, and what stands in brackets; brackets around nothing but spaces are text."""
    at = 0
    for found in SLOT.finditer(text):
        if not found[1].strip():
            continue
        if found.start() > at:
            yield text[at : found.start()], False
        yield found[1].strip(), True
        at = found.end()
    if at < len(text):
        yield text[at:], False


class _Lock:
    """Which locked part is open while a text is read."""

    number: int | None = None

    def open(self, wording: Wording, title: str) -> None:
        if self.number is not None:
            raise InvalidConfiguration(_("A locked part stands inside another one; close the first with [[/LOCKED]]."))
        self.number = len(wording.locks)
        wording.locks.append(title or _("part %d") % (self.number + 1))

    def close(self) -> None:
        if self.number is None:
            raise InvalidConfiguration(_("[[/LOCKED]] closes a part that was not opened; write [[LOCKED: its name]]."))
        self.number = None

    def require_closed(self) -> None:
        if self.number is not None:
            raise InvalidConfiguration(_("A locked part is not closed; write [[/LOCKED]] where it ends."))


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name that is spelt most alike; empty where none is near."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.6)), "")
