"""What may stand in a cell, and the text that stands for it where a format has no types."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

from django.utils.duration import duration_iso_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from case_management.tabular.errors import ValueUnwritable

# A datetime is a date and a bool is an int, hence the order.
_KINDS: tuple[type, ...] = (bool, int, float, Decimal, datetime, date, time, timedelta)


def simple(value: object) -> tuple[type, Any]:
    """The value, and the plain type under which a writer knows it, whatever subclass or enum it came as.

    A number that is none (NaN, infinity) becomes text; a list, a mapping or bytes have no form in a cell.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None:
        return NoneType, None
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return str, str(value)
    for kind in _KINDS:
        if isinstance(value, kind):
            return kind, value
    if isinstance(value, str | Promise | UUID):
        return str, str(value)
    raise ValueUnwritable(
        _("A value of type %(type)s cannot be written into a cell. Turn it into text first.")
        % {"type": type(value).__name__}
    )


def machine_moment(value: datetime) -> str:
    """ISO 8601 with offset and microseconds, which every program reads back as the same instant."""
    if value.utcoffset() is None:
        raise ValueUnwritable(
            _("%(value)s has no time zone. Give an aware date and time.") % {"value": value.isoformat()}
        )
    return value.isoformat(timespec="microseconds")


def plain_decimal(value: Decimal) -> str:
    """All digits of a decimal number, without an exponent."""
    return format(value, "f")


MACHINE_TEXT: Mapping[type, Callable[[Any], str]] = {
    datetime: machine_moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: duration_iso_string,
    Decimal: plain_decimal,
}
"""The one spelling of each type that a format without it uses."""
