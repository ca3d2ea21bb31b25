"""The keyboard: one table of keys, from which pages, help and documentation are made.

A page gives an element ``data-cm-shortcut="n"`` and the key presses it; the first visible element that carries it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Key:
    """Keys that do the same, one of them or ``a + b`` together."""

    keys: tuple[str, ...]
    label: str | Promise


@dataclass(frozen=True)
class KeyGroup:
    """Where the keys work; ``name`` is the section of the pages, empty for all."""

    name: str
    label: str | Promise
    keys: tuple[Key, ...]


GROUPS = (
    KeyGroup(
        "",
        _("On every page"),
        (
            Key(("Ctrl + k", "⌘ + k"), _("Jump to a case, a view or an action")),
            Key(("/",), _("Search")),
            Key(("Esc",), _("Leave the field, close what is open")),
            Key(("?",), _("This help")),
        ),
    ),
    KeyGroup(
        "list",
        _("In the list"),
        (
            Key(("j", "k"), _("Next and previous case")),
            Key(("o", "Enter"), _("Open the case")),
            Key(("x",), _("Select the case")),
            Key(("f",), _("Filters")),
            Key(("n", "p"), _("Next and previous page")),
        ),
    ),
    KeyGroup(
        "case",
        _("On a case"),
        (
            Key(("j", "k"), _("Next and previous case of the list")),
            Key(("u",), _("Next unassigned case")),
            Key(("b",), _("Back to the list")),
            Key(("n",), _("Write a note")),
            Key(("r",), _("Reply")),
            Key(("e",), _("Resolve")),
            Key(("a",), _("Assign to me")),
            Key(("1", "9"), _("Macros, in their order")),
            Key(("Ctrl + Enter", "⌘ + Enter"), _("Send what you write")),
        ),
    ),
)
