"""Reads one sheet of an XLSX workbook in a stream, with every size bounded."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from django.utils.translation import gettext as _

from case_management.tabular.errors import HeadersInvalid
from case_management.tabular.limits import Limits
from case_management.tabular.rows import Row, RowShaper, checked_headers
from case_management.tabular.shared_strings import read_shared_strings
from case_management.tabular.xlsx_archive import open_archive, open_part, unreadable_explained
from case_management.tabular.xlsx_sheet import SheetParser
from case_management.tabular.xlsx_values import CellValues
from case_management.tabular.xlsx_workbook import read_date_styles, read_workbook

_Record = tuple[int, list[object], str | None]


def read_xlsx(
    file: BinaryIO, limits: Limits, stack: ExitStack, *, sheet: str | None = None
) -> tuple[list[str], Iterator[Row]]:
    """The headers and rows of the sheet of that name, or of the first visible one; blank rows are skipped."""
    archive = stack.enter_context(open_archive(file, limits))
    with unreadable_explained():
        book = read_workbook(archive)
        path = book.sheet_path(sheet)
        strings = read_shared_strings(archive, book.shared_strings, limits, stack)
        styles = read_date_styles(archive, book.styles)
    values = CellValues(strings, styles, from_1904=book.counts_from_1904)
    records = _records(archive, path, SheetParser(values, limits))
    number, cells, problem = next(records, (1, [], None))
    if problem:
        raise HeadersInvalid(
            _("Row %(number)d, the header, cannot be used: %(fault)s") % {"number": number, "fault": problem}
        )
    headers = checked_headers(cells, limits)
    return headers, _rows(records, headers, limits)


def _records(archive: zipfile.ZipFile, path: str, sheet: SheetParser) -> Iterator[_Record]:
    with unreadable_explained(), open_part(archive, path) as part:
        for _piece in sheet.parser().feed(part):
            yield from sheet.rows
            sheet.rows.clear()


def _rows(records: Iterator[_Record], headers: list[str], limits: Limits) -> Iterator[Row]:
    shaper = RowShaper(headers, limits, blank=None, pad=True)
    for number, cells, problem in records:
        yield shaper.shape(number, cells, problem)
