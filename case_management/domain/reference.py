"""References that people read out on the phone: short, never a count, never mistaken for a number by a spreadsheet."""

from __future__ import annotations

import secrets
from typing import Protocol

#: No vowels (no words), no 0/1/I/L/O (no doubt), no E (no exponents).
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
LETTERS = "BCDFGHJKMNPQRSTVWXYZ"


class Chooser(Protocol):
    """What picks the characters; ``random.Random(seed)`` makes demo data repeatable."""

    def choice(self, seq: str, /) -> str:
        """One character of ``seq``."""


def new_reference(chooser: Chooser | None = None) -> str:
    """A reference such as ``K7QM-3TX``: a letter, then six of 28 characters, about 9.6 thousand million in all."""
    if chooser is None:
        return _spelled(secrets.randbelow(len(LETTERS) * len(ALPHABET) ** 6))
    characters = chooser.choice(LETTERS) + "".join(chooser.choice(ALPHABET) for _ in range(6))
    return f"{characters[:4]}-{characters[4:]}"


def _spelled(number: int) -> str:
    """The number in our characters; one draw for all seven is four times quicker than seven draws."""
    characters = ""
    for _place in range(6):
        number, place = divmod(number, len(ALPHABET))
        characters = ALPHABET[place] + characters
    characters = LETTERS[number] + characters
    return f"{characters[:4]}-{characters[4:]}"


def tidy_reference(text: str) -> str:
    """What somebody typed, in the form that is stored: ``k7qm3tx`` → ``K7QM-3TX``; other texts come back unchanged."""
    squeezed = "".join(text.split()).replace("-", "").replace("#", "").upper()
    if len(squeezed) == 7 and squeezed[0] in LETTERS and set(squeezed) <= set(ALPHABET):
        return f"{squeezed[:4]}-{squeezed[4:]}"
    return text
