"""Writes an XLSX workbook in a stream: typed cells, no formulas ever, a new sheet where one is full."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import IO, Any, BinaryIO

from django.utils.translation import gettext as _

from case_management.tabular import xlsx_parts as parts
from case_management.tabular.errors import HeadersInvalid
from case_management.tabular.writer import TableWriter
from case_management.tabular.xlsx_markup import CellMarkup

_MOST_COLUMNS = 16_384
_BUFFER_ROWS = 200


class XlsxWriter(TableWriter):
    """Texts are inline strings, so a text is never a formula; numbers, booleans and dates have their types.

    A sheet knows no time zones: an aware moment is written as the wall clock of its own zone. A whole or
    decimal number of more than 15 digits, which a spreadsheet would round, is written as text.
    """

    format_key = "xlsx"
    sheet_rows = 1_048_576
    sheet_bytes = 1_900_000_000  # beyond 2 GiB an archive needs extensions that some programs complain about

    def __init__(self, file: BinaryIO, headers: Sequence[object], *, title: str = "") -> None:
        super().__init__(headers)
        if len(headers) > _MOST_COLUMNS:
            raise HeadersInvalid(_("A sheet has at most 16,384 columns. Choose fewer, or the format CSV."))
        self._title = title
        self._markup = CellMarkup()
        self._letters = [_letters(number) for number in range(1, len(self.headers) + 1)]
        self._archive = zipfile.ZipFile(file, "w")
        self._sheets = 0
        self._buffer: list[str] = []
        self._start_sheet()

    def _start_sheet(self) -> None:
        self._sheets += 1
        self._sheet: IO[bytes] = self._archive.open(_entry(parts.sheet_path(self._sheets)), "w")
        self._rows = 0
        self._bytes = 0
        self._buffer.append(parts.SHEET_START)
        self._append(
            [
                f'<c r="{letters}1"{self._markup.header(header)}'
                for letters, header in zip(self._letters, self.headers, strict=True)
            ]
        )

    def _write(self, values: Sequence[Any]) -> None:
        if self._rows >= self.sheet_rows or self._bytes >= self.sheet_bytes:
            self._end_sheet()
            self._start_sheet()
        number = self._rows + 1
        known, other = self._markup.by_type, self._markup.cell
        self._append(
            [
                f'<c r="{letters}{number}"{known.get(type(value), other)(value)}'
                for letters, value in zip(self._letters, values, strict=True)
                if value is not None and value != ""
            ]
        )

    def _append(self, cells: list[str]) -> None:
        self._rows += 1
        self._buffer.append(f'<row r="{self._rows}">{"".join(cells)}</row>')
        if len(self._buffer) >= _BUFFER_ROWS:
            self._flush()

    def _flush(self) -> None:
        data = "".join(self._buffer).encode()
        self._bytes += len(data)
        self._sheet.write(data)
        self._buffer.clear()

    def _end_sheet(self) -> None:
        self._buffer.append(parts.SHEET_END)
        self._flush()
        self._sheet.close()

    def _finish(self) -> None:
        self._end_sheet()
        titles = parts.sheet_titles(self._title, self._sheets)
        for name, part in parts.fixed_parts(titles).items():
            self._archive.writestr(_entry(name), part)
        self._archive.close()

    def _drop(self) -> None:
        # The archive becomes a valid one, but no workbook: every program refuses it.
        self._sheet.close()
        self._archive.close()

    def _cell(self, value: Any) -> str:
        return self._markup.cell(value)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # without the time of day: equal tables give equal files
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
