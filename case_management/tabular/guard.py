"""Keeps a spreadsheet program from running the text of a cell as a formula, so that it can be undone exactly.

A text that a spreadsheet would take for a formula gets one ``'`` in front. A text that already looks so
marked gets one too, therefore :func:`unguard` gives back every text exactly as it was.
"""

from __future__ import annotations

import re

# Spreadsheets skip some invisible characters before they look for a formula, and fold full-width signs.
_FORMULA_START = re.compile("'*[ \u00a0\u200b\u2060\u3000\ufeff]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_MAY_START = frozenset("'= \u00a0\u200b\u2060\u3000\ufeff+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def starts_like_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula, or for one that is already guarded."""
    return text[:1] in _MAY_START and _FORMULA_START.match(text) is not None


def guard(text: str) -> str:
    """The text as it may stand in a CSV cell: ``=1+1`` becomes ``'=1+1``, ``+49 30`` becomes ``'+49 30``."""
    return "'" + text if starts_like_formula(text) else text


def unguard(text: str) -> str:
    """The text without the one ``'`` that :func:`guard` put there; any other text unchanged."""
    return text[1:] if text[:1] == "'" and starts_like_formula(text[1:]) else text


def guard_marked(text: str) -> str:
    """The text as it may stand in a typed text cell: only one that already looks guarded needs the mark."""
    return "'" + text if text[:1] == "'" and starts_like_formula(text) else text
