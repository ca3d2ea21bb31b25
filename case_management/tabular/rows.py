"""A table as every reader hands it out: the headers, then numbered rows, once, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from django.utils.translation import gettext as _

from case_management.tabular.errors import HeadersInvalid
from case_management.tabular.limits import Limits


class Row(NamedTuple):
    """One row of a file.

    ``number`` is what a person sees: the line of a CSV or JSON Lines file on which the row starts, the row
    of a sheet, the place of an object in a JSON array (from 1). ``problem`` is a sentence if the row cannot
    be trusted; ``values`` then holds what could be read, and ``surplus`` the cells for which there is no
    header.
    """

    number: int
    values: dict[str, object]
    problem: str | None = None
    surplus: tuple[object, ...] = ()


class Table:
    """An open table file: ``headers`` at once, rows while iterating; it is read only once.

    >>> with open_table(upload) as table:
    ...     for row in table:
    ...         print(row.number, row.values, row.problem)
    """

    def __init__(self, *, format: str, headers: list[str], rows: Iterator[Row], close: Callable[[], None]) -> None:
        self.format = format
        self.headers = headers
        self._rows = rows
        self._close = close

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a file that the caller opened stays open."""
        self._close()


def checked_headers(cells: Sequence[object], limits: Limits | None = None) -> list[str]:
    """The header cells as text in their own spelling, or :class:`HeadersInvalid` naming every fault."""
    if limits is not None:
        limits.require("columns", len(cells))
    headers = ["" if cell is None else str(cell) for cell in cells]
    faults = _header_faults(headers)
    if faults:
        raise HeadersInvalid(
            _("The header row cannot be used: %(faults)s. Give every column one name of its own.")
            % {"faults": "; ".join(faults)}
        )
    return headers


def _header_faults(headers: Sequence[str]) -> list[str]:
    if not any(header.strip() for header in headers):
        return [_("it is missing")]
    faults = []
    first_place: dict[str, int] = {}
    for place, header in enumerate(headers, start=1):
        name = header.strip()
        if not name:
            faults.append(_("column %(place)d has no name") % {"place": place})
        elif "\0" in name:
            faults.append(_("column %(place)d holds a NUL character") % {"place": place})
        elif name in first_place:
            faults.append(
                _("columns %(first)d and %(place)d are both named “%(name)s”")
                % {"first": first_place[name], "place": place, "name": name}
            )
        first_place.setdefault(name, place)
    return faults


def require_short(number: int, cells: Sequence[object], limits: Limits) -> None:
    """Raise :class:`LimitExceeded` naming the first cell whose text is too long."""
    for column, cell in enumerate(cells, start=1):
        if isinstance(cell, str) and len(cell) > limits.cell_characters:
            where = _("Row %(number)d, column %(column)d") % {"number": number, "column": column}
            raise limits.exceeded("cell_characters", len(cell), where=where)


class RowShaper:
    """Puts cells under the headers and says what does not fit."""

    def __init__(self, headers: list[str], limits: Limits, *, blank: object, pad: bool) -> None:
        """``pad`` accepts short rows (a sheet stores no empty cells); ``blank`` fills what is missing."""
        self._headers = headers
        self._width = len(headers)
        self._limits = limits
        self._blank = blank
        self._pad = pad
        self._count = 0

    def shape(self, number: int, cells: list[object], problem: str | None = None) -> Row:
        """The row of these cells; counts it against the limit of rows."""
        self._count += 1
        if self._count > self._limits.rows:
            raise self._limits.exceeded("rows", self._count)
        found = len(cells)
        if found == self._width:
            return Row(number, dict(zip(self._headers, cells, strict=True)), problem)
        if problem is None and not (self._pad and found < self._width):
            problem = self._ragged() % {"number": number, "found": found, "expected": self._width}
        filled = cells + [self._blank] * (self._width - found)
        values = dict(zip(self._headers, filled, strict=False))
        return Row(number, values, problem, tuple(cells[self._width :]))

    def _ragged(self) -> str:
        if self._pad:
            return _("Row %(number)d has a value in column %(found)d, but the header has %(expected)d columns.")
        return _(
            "Row %(number)d has %(found)d cells, but the header has %(expected)d. "
            "Check it for a missing or surplus delimiter or quotation mark."
        )
