"""What may stand in a cell, and the text that stands for it where a format has no types."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from case_management.tabular.errors import ValueUnwritable


def machine_moment(value: datetime) -> str:
    """ISO 8601 with offset and microseconds, which every program reads back as the same instant."""
    if value.tzinfo is None:
        raise ValueUnwritable(
            _("%(value)s has no time zone. Give an aware date and time.") % {"value": value.isoformat()}
        )
    return value.isoformat(timespec="microseconds")


def plain_decimal(value: Decimal) -> str:
    """All digits of a decimal number, without an exponent."""
    return format(value, "f")


_TEXT_OF: Mapping[type, Callable[..., str]] = {
    UUID: str,
    Promise: str,
    str: str,
    timedelta: str,
    time: time.isoformat,
}
_KNOWN: tuple[type, ...] = (bool, int, float, Decimal, datetime, date)


def simple(value: object) -> object:
    """The value as one of ``None``, bool, int, float, Decimal, datetime, date or str, whatever subclass it came as.

    A number that is none (NaN, infinity) becomes text; a list, a mapping or bytes have no form in a cell.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return str(value)
    for known in _KNOWN:
        if isinstance(value, known):
            return value
    for known, text_of in _TEXT_OF.items():
        if isinstance(value, known):
            return text_of(value)
    raise ValueUnwritable(
        _("A %(type)s cannot be written into a cell. Turn it into text first.") % {"type": type(value).__name__}
    )
