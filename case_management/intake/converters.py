"""Turns the text or number in a cell into what a response holds, or says why it cannot and what would help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,20})?", re.ASCII)
_HUNDREDTH = Decimal("0.01")

YES = ("1", "true", "yes", "y", "on")
NO = ("0", "false", "no", "n", "off")


class Unfit(Exception):
    """The value is not what the column should hold; ``mend`` says what would be."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


class Converter(Protocol):
    """Makes a value of what stands in a cell that is not empty; None means as good as empty."""

    def __call__(self, cell: object) -> Any:
        """The value, or :class:`Unfit`."""


def spelled(cell: object) -> str:
    """The cell as the text that a person would see in it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


@dataclass(frozen=True)
class Text:
    """Text: on one line unless ``lines``; longer than ``limit`` it is cut where ``cut``, else refused.

    ``lookup`` replaces whole texts (codes by names); ``words`` turns ``british-airways`` into ``British Airways``.
    """

    limit: int
    lines: bool = False
    cut: bool = False
    words: bool = False
    lookup: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, cell: object) -> str | None:
        """The text, or None where only blanks are left."""
        text = spelled(cell)
        text = self.lookup.get(text, text)
        text = text.replace("\r\n", "\n").replace("\r", "\n") if self.lines else " ".join(text.split())
        if self.words:
            text = " ".join(word[:1].upper() + word[1:] for word in re.split(r"[-_\s]+", text))
        if len(text) > self.limit and self.cut:
            text = text[: self.limit - 1] + "…"
        if len(text) > self.limit:
            raise Unfit(
                _("The text has %(found)d characters; at most %(limit)d are taken.")
                % {"found": len(text), "limit": self.limit},
                _("Shorten it."),
            )
        return text or None


@dataclass(frozen=True)
class Number:
    """A number from ``least`` to ``most``, kept to two decimals; ``comma`` reads ``7,5``."""

    least: Decimal | None = None
    most: Decimal | None = None
    comma: bool = False

    def __call__(self, cell: object) -> Decimal:
        """The number."""
        text = spelled(cell)
        if self.comma:
            text = text.replace(",", ".")
        if isinstance(cell, bool) or not _NUMBER.fullmatch(text):
            raise Unfit(_("“%s” is not a number.") % shown(text), _("Write digits, such as 7 or 7.5."))
        number = Decimal(text)
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            raise Unfit(
                _("%(number)s is outside the scale.") % {"number": number},
                _("Write a number from %(least)s to %(most)s.")
                % {
                    "least": "–∞" if self.least is None else self.least,
                    "most": "∞" if self.most is None else self.most,
                },
            )
        return number.quantize(_HUNDREDTH, ROUND_HALF_UP)


@dataclass(frozen=True)
class Boolean:
    """Yes or no, in the words of the file."""

    yes: tuple[str, ...] = YES
    no: tuple[str, ...] = NO

    def __call__(self, cell: object) -> bool:
        """Whether it says yes."""
        text = spelled(cell).casefold()
        if text in {word.casefold() for word in self.yes}:
            return True
        if text in {word.casefold() for word in self.no}:
            return False
        known = ", ".join([*self.yes, *self.no])
        raise Unfit(_("“%s” is neither yes nor no.") % shown(text), _("Write one of: %s.") % known)


@dataclass(frozen=True)
class EmailAddress:
    """One e-mail address that a mail server would take."""

    limit: int

    def __call__(self, cell: object) -> str:
        """The address."""
        text = spelled(cell)
        try:
            validate_email(text)
        except ValidationError:
            text = ""
        if not 0 < len(text) <= self.limit:
            raise Unfit(
                _("“%s” is not an e-mail address.") % shown(spelled(cell)),
                _("Write one address, such as ana@example.org, or leave the cell empty."),
            )
        return text


def plain(value: Any) -> Any:
    """The converted value as JSON holds it: whole numbers without decimals, moments in ISO 8601."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date | time) else value
