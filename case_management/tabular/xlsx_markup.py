"""Spells one cell of a workbook as XML: a typed value, or a text that can never become a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any

from django.utils.translation import gettext as _

from case_management.tabular import xlsx_parts as parts
from case_management.tabular.cells import MACHINE_TEXT, plain_decimal, simple
from case_management.tabular.guard import guard_marked, starts_like_formula

_LONGEST_TEXT = 32_767
_EXACT_DIGITS = 15
_LONGEST_NUMBER = 300
_FIRST_DAY = date(1900, 3, 1)  # before it the spreadsheets' calendar and ours differ
_DAY_ZERO = datetime.combine(date(1899, 12, 30), time.min)
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_REPLACEMENTS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "_": "_x005F_"}


class CellMarkup:
    """Spells values from the attributes of the cell on: ``<c r="B2"`` is for the caller to write.

    ``by_type`` is for the types that most cells have; :meth:`cell` takes every value.
    """

    def __init__(self) -> None:
        self._cut_mark = _(" […cut]")
        self.by_type: Mapping[type, Callable[[Any], str]] = {
            str: self.text,
            int: self._number,
            float: self._number,
            Decimal: self._number,
            bool: lambda value: f' t="b"><v>{value:d}</v></c>',
            datetime: _moment,
            date: _day,
            time: _clock,
            timedelta: _duration,
        }

    def cell(self, value: object) -> str:
        """The cell of this value; raises :class:`ValueUnwritable` if it has no form in a cell."""
        kind, value = simple(value)
        return "/>" if kind is NoneType else self.by_type[kind](value)

    def header(self, text: str) -> str:
        """The cell of a bold text."""
        return f' s="{parts.BOLD}"{self._body(guard_marked(text))}'

    def text(self, text: str) -> str:
        """The cell of a text."""
        if starts_like_formula(text):
            return f' s="{parts.QUOTED}"{self._body(guard_marked(text))}'
        return self._body(text)

    def _body(self, text: str) -> str:
        if len(text) * 2 > _LONGEST_TEXT:
            text = self._cut(text)
        keep = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
        if _SPECIAL.search(text):
            text = _SPECIAL.sub(_replacement, text)
        return f' t="inlineStr"><is><t{keep}>{text}</t></is></c>'

    def _cut(self, text: str) -> str:
        units = text.encode("utf-16-le", "surrogatepass")
        if len(units) <= _LONGEST_TEXT * 2:
            return text
        kept = (_LONGEST_TEXT - len(self._cut_mark)) * 2
        return units[:kept].decode("utf-16-le", "ignore") + self._cut_mark

    def _number(self, value: Decimal | float) -> str:
        if isinstance(value, float):
            return f"><v>{value!r}</v></c>" if value - value == 0 else self.text(str(value))
        if isinstance(value, Decimal) and not value.is_finite():
            return self.text(str(value))
        text = str(value) if isinstance(value, int) else plain_decimal(value)
        digits = text.lstrip("-").replace(".", "").strip("0")
        return (
            f"><v>{text}</v></c>" if len(digits) <= _EXACT_DIGITS and len(text) < _LONGEST_NUMBER else self._body(text)
        )


def _replacement(match: re.Match[str]) -> str:
    return _REPLACEMENTS.get(match[0], "\ufffd")


def _serial(moment: datetime) -> str:
    # Twelve decimals tell microseconds apart until the year 2079, and tell the reader that they are meant.
    return f"{(moment - _DAY_ZERO) / timedelta(days=1):.12f}"


def _styled(style: int, number: str) -> str:
    return f' s="{style}"><v>{number}</v></c>'


def _moment(value: datetime) -> str:
    if value.date() < _FIRST_DAY:
        return _plain_text(value.isoformat())
    return _styled(parts.DATETIME, _serial(value.replace(tzinfo=None)))


def _day(value: date) -> str:
    if value < _FIRST_DAY:
        return _plain_text(value.isoformat())
    return _styled(parts.DATE, str((value - _DAY_ZERO.date()).days))


def _clock(value: time) -> str:
    return _styled(parts.TIME, _serial(datetime.combine(_DAY_ZERO.date(), value.replace(tzinfo=None))))


def _duration(value: timedelta) -> str:
    if value < timedelta(0):
        return _plain_text(MACHINE_TEXT[timedelta](value))
    return _styled(parts.DURATION, f"{value / timedelta(days=1):.12f}")


def _plain_text(text: str) -> str:
    return f' t="inlineStr"><is><t>{text}</t></is></c>'
