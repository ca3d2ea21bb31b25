"""Whom a text calls on: ``@name`` at the beginning of a word, where names may hold dots, hyphens, plus and at signs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: More people than this are not called by one note.
MOST = 20
#: User names are not longer than this.
LONGEST_NAME = 150
_CALL = re.compile(rf"(?<![\w.@+-])@([\w.+-][\w.@+-]{{0,{LONGEST_NAME - 1}}})")
_PUNCTUATION = ".@+-"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was written, without the sign; a full stop at its end may belong to the sentence."""

    written: str

    @property
    def names(self) -> tuple[str, ...]:
        """The user names that it may mean, the longest first."""
        short = self.written.rstrip(_PUNCTUATION)
        return tuple(dict.fromkeys(name for name in (self.written, short) if name))


def calls_in(text: str) -> list[Call]:
    """The calls of a text in their order, each once.

    >>> [call.names for call in calls_in("Please ask @ann.lee. Mail to bob@example.org is no call.")]
    [('ann.lee.', 'ann.lee')]
    """
    written = dict.fromkeys(unicodedata.normalize("NFKC", found) for found in _CALL.findall(text))
    return [call for call in map(Call, written) if call.names][:MOST]
