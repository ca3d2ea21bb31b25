"""What a stored cell of a workbook means: numbers, days counted from an epoch, escaped characters."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

Kind = Literal["date", "datetime", "time", "duration"]

_DAY = 86_400_000_000
_FINE_DIGITS = 12
_FINE_UNTIL = 65_536
_LAST_SERIAL = 2_958_466
_EPOCH_1900 = datetime.combine(date(1899, 12, 30), time.min)
_EPOCH_1904 = datetime.combine(date(1904, 1, 1), time.min)
_FALSE_LEAP_DAY = 60

_BUILT_IN: dict[int, Kind] = {
    **dict.fromkeys([14, 15, 16, 17, *range(27, 32), 34, 35, 36, *range(50, 59)], "date"),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 45, 47], "time"),
    22: "datetime",
    46: "duration",
}
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def kind_of_format(code: str | int) -> Kind | None:
    """What a number format shows: a date, a time, both, a duration, or (``None``) a plain number."""
    if isinstance(code, int):
        return _BUILT_IN.get(code)
    bare = set(_LITERALS.sub("", code[:1_000].lower()).partition(";")[0])
    has_clock = not bare.isdisjoint("hs")
    has_day = not bare.isdisjoint("dy") or ("m" in bare and not has_clock)
    if "[" in bare:
        return "duration"
    if has_clock:
        return "datetime" if has_day else "time"
    return "date" if has_day else None


def number(raw: str) -> int | float:
    """The number as stored; raises ``ValueError`` if it is none."""
    if raw.isdigit() or (raw[:1] == "-" and raw[1:].isdigit()):
        return int(raw)
    value = float(raw)
    if not math.isfinite(value):
        raise ValueError(raw)
    return value


def moment(raw: str, kind: Kind, *, from_1904: bool) -> date | datetime | time | timedelta:
    """The date, time or duration that is stored as a count of days; raises ``ValueError`` if there is none.

    A sheet knows no time zones: what comes back is what the clock on the wall showed. Programs that store few
    digits mean whole milliseconds; twelve decimals tell microseconds apart, until the year 2079.
    """
    serial = float(raw)
    if not 0 <= serial < _LAST_SERIAL:
        raise ValueError(raw)
    days = int(serial)
    count = days * _DAY + round((serial - days) * _DAY)
    if len(raw.partition(".")[2]) < _FINE_DIGITS or serial >= _FINE_UNTIL:
        count = round(count / 1000) * 1000
    if kind == "duration":
        return timedelta(microseconds=count)
    if kind == "time" and count < _DAY:
        return (_EPOCH_1900 + timedelta(microseconds=count)).time()
    if not from_1904 and serial < _FALSE_LEAP_DAY:
        count += _DAY  # the 1900 calendar counts a 29 February that never was
    stamp = (_EPOCH_1904 if from_1904 else _EPOCH_1900) + timedelta(microseconds=count)
    return stamp.date() if kind == "date" and stamp.time() == time.min else stamp


def unescape(text: str) -> str:
    """``_x000D_`` stands for a carriage return; a character that no text may hold stays spelled out."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """``A`` is 1, ``XFD`` is 16384; 0 if these are no letters of a column."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return 0
    total = 0
    for letter in letters.upper():
        total = total * 26 + ord(letter) - 64
    return total
