"""Says for one field of a response which column it comes from and how the cell is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from case_management.intake.converters import NO, YES, Boolean, Converter, EmailAddress, Number, Text
from case_management.intake.moments import Moment
from case_management.intake.response import POINT_CHARACTERS
from case_management.intake.sections import Section

#: Makes the converter from the options that stand beside the column.
MakeConverter = Callable[[Section], Converter]


@dataclass(frozen=True)
class Cell:
    """A column with its converter, or the same value for every row."""

    column: str | None
    convert: Converter
    constant: Any = None

    def read(self, values: Mapping[str, object], missing: frozenset[str]) -> Any:
        """The value in this row, None where the cell is empty; raises Unfit."""
        if self.column is None:
            return self.constant
        cell = values.get(self.column)
        if cell is None or (isinstance(cell, str) and cell.strip() in missing):
            return None
        return self.convert(cell)


def cell(section: Section, key: str, make: MakeConverter) -> Cell | None:
    """The cell that ``key`` describes: a column's name, or a table with the column and options; None where absent."""
    if key not in section:
        return None
    given = section.take_any(key)
    if not isinstance(given, str | dict):
        raise section.wrong(key, 'must be the name of a column, or a table such as { column = "…" }.')
    options = section.inside(key, {"column": given} if isinstance(given, str) else given)
    if ("column" in options) == ("constant" in options):
        raise section.wrong(key, 'needs either "column" or "constant".')
    column = options.take_or_none("column", str)
    constant = options.take_any("constant") if "constant" in options else None
    convert = make(options)
    options.done()
    return Cell(column, convert, None if constant is None else convert(constant))


def text(limit: int, *, lines: bool = False, cut: bool = False) -> MakeConverter:
    """Text with the options ``lookup`` and ``words``."""

    def make(options: Section) -> Converter:
        lookup = {code: str(name) for code, name in options.take("lookup", dict, {}).items()}
        return Text(limit, lines=lines, cut=cut, words=options.take("words", bool, False), lookup=lookup)

    return make


def number(options: Section) -> Number:
    """A number with the options ``min``, ``max`` and ``decimal_comma``."""
    least, most = options.take_or_none("min", float), options.take_or_none("max", float)
    if least is not None and most is not None and least >= most:
        raise options.wrong("max", f"is {most}. Write a number above min ({least}).")
    return Number(
        None if least is None else Decimal(f"{least:g}"),
        None if most is None else Decimal(f"{most:g}"),
        comma=options.take("decimal_comma", bool, False),
    )


def score(options: Section) -> Number:
    """A number on the scale that rules compare with: 0 to 10 unless the mapping narrows it."""
    found = number(options)
    least, most = found.least or Decimal(0), Decimal(10) if found.most is None else found.most
    if least < 0 or most > 10:
        raise options.wrong("max", "leaves the scale. Scores run from 0 to 10.")
    return Number(least, most, comma=found.comma)


def boolean(options: Section) -> Boolean:
    """Yes or no with the options ``yes`` and ``no``: the words for each."""
    yes, no = options.texts("yes", YES), options.texts("no", NO)
    if both := {word.casefold() for word in yes} & {word.casefold() for word in no}:
        raise options.wrong("yes", f"and no both hold {sorted(both)[0]!r}. Write each word once.")
    return Boolean(yes, no)


def moment(options: Section) -> Moment:
    """A moment with the options ``format`` (one or several; ``iso`` is ISO 8601) and ``time_zone``."""
    formats, zone = options.texts("format", ("iso",)), options.take("time_zone", str, "UTC")
    for pattern in formats:
        if pattern != "iso" and not _reads_a_date(pattern):
            raise options.wrong("format", f'is {pattern!r}. Write "iso", or a format such as "%d/%m/%Y %H:%M".')
    try:
        return Moment(formats, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise options.wrong("time_zone", f'is {zone!r}. Write a name such as "Europe/Berlin".') from None


def _reads_a_date(pattern: str) -> bool:
    sample = datetime(2026, 3, 31, 14, 30, tzinfo=ZoneInfo("UTC"))
    try:
        return datetime.strptime(sample.strftime(pattern), pattern).date() == sample.date()  # noqa: DTZ007
    except ValueError:
        return False


def email(_options: Section) -> EmailAddress:
    """An e-mail address."""
    return EmailAddress(POINT_CHARACTERS)
