"""How people are named on the pages: their own name, and initials where there is little room."""

from __future__ import annotations

from typing import Any


def display_name(user: Any) -> str:
    """The user's full name, or the user name; one word or five, as they write it."""
    get_full_name = getattr(user, "get_full_name", None)
    full: str = get_full_name() if get_full_name else ""
    return full.strip() or str(user.get_username())


def initials(name: str) -> str:
    """First letters of the first and the last word."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
