"""Words as search compares them: lower case, without accents, cut at everything that is no letter or digit."""

from __future__ import annotations

import unicodedata

#: Longer words are cut: nobody types them, and full-text indexes have limits of their own.
LONGEST_WORD = 64


class _Folding(dict[int, str]):
    """Code point → what is left of it; filled as characters are met, so that ``str.translate`` runs in C."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        found = self[code] = "".join(map(_kept, plain))
        return found


def _kept(char: str) -> str:
    if unicodedata.combining(char):
        return ""
    # Marks that do not combine are the vowels of Indic scripts: parts of words.
    return char if char.isalnum() or unicodedata.category(char) in ("Mc", "Mn") else " "


_FOLDING = _Folding()


def folded(text: str) -> str:
    """``text`` character by character as it is compared; what parts words becomes a space."""
    return text.translate(_FOLDING)


def words_of(text: str) -> list[str]:
    """The words in their order, each up to :data:`LONGEST_WORD` characters.

    >>> words_of("The Café's bath-room, №5")
    ['the', 'cafe', 's', 'bath', 'room', 'no5']
    """
    return [word[:LONGEST_WORD] for word in folded(text).split()]
