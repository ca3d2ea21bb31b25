"""What a line of text asks for: words, of which beginnings are enough, and phrases in quotation marks."""

from __future__ import annotations

from dataclasses import dataclass

from case_management.domain.words import words_of

#: More words than this make no search better.
MOST_WORDS = 8
_QUOTES = str.maketrans(dict.fromkeys("“”„«»‟", '"'))


@dataclass(frozen=True)
class Wanted:
    """All of ``words`` and ``phrases`` must be there; a word finds what begins with it, a phrase's words stand whole.

    A single letter is a word of its own: half of all words begin with it.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, text: str) -> Wanted:
        """Read the text; nothing in it is syntax but the quotation marks, and those only in pairs."""
        words, phrases, room = list[str](), list[tuple[str, ...]](), MOST_WORDS
        parts = text.translate(_QUOTES).split('"')
        for place, part in enumerate(parts):
            found = tuple(words_of(part)[:room])
            room -= len(found)
            is_quoted = place % 2 == 1 and place < len(parts) - 1
            if is_quoted and len(found) > 1:
                phrases.append(found)
            else:
                words += found
        return cls(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(phrases)))

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)

    def hits(self, word: str) -> bool:
        """Whether a word of a text is (a part of) what is asked for."""
        return any(is_found(word, wanted) for wanted in self.words) or any(word in phrase for phrase in self.phrases)


def is_found(word: str, wanted: str) -> bool:
    """Whether the word of a text answers the word that is asked for."""
    return word == wanted or (len(wanted) > 1 and word.startswith(wanted))
