"""Writes CSV that spreadsheet programs open without asking, and whose texts they never run as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any, BinaryIO

from case_management.tabular.cells import MACHINE_TEXT, simple
from case_management.tabular.guard import guard
from case_management.tabular.writer import TableWriter

_BUFFER_CHARACTERS = 64 * 1024


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _guarded(text: str) -> str:
    return guard(_clean(text))


class CsvWriter(TableWriter):
    """UTF-8 with a byte order mark, lines ended by CR LF; texts and headers are guarded.

    The guard holds for programs that split at the comma; in one that splits at the semicolon a text after a
    semicolon becomes a cell of its own, which no mark at the start of the text can prevent.
    """

    format_key = "csv"

    def __init__(self, file: BinaryIO, headers: Sequence[object], *, guard_text: bool = True) -> None:
        super().__init__(headers)
        self._file = file
        self._buffer = io.StringIO("\ufeff", newline="")
        self._buffer.seek(0, io.SEEK_END)
        self._rows = csv.writer(self._buffer, lineterminator="\r\n")
        text = _guarded if guard_text else _clean
        # A float is not among them because not every float is a number: simple() sorts that out.
        self._convert: dict[type, Callable[[Any], object]] = {
            str: text,
            NoneType: lambda _value: "",
            bool: lambda value: "true" if value else "false",
            int: int.__repr__,
            **MACHINE_TEXT,
        }
        self._rows.writerow([text(header) for header in self.headers])

    def _cell(self, value: Any) -> object:
        kind, value = simple(value)
        return value if kind is float else self._convert[kind](value)

    def _write(self, values: Sequence[Any]) -> None:
        convert = self._convert
        self._rows.writerow(
            [convert[kind](value) if (kind := type(value)) in convert else self._cell(value) for value in values]
        )
        if self._buffer.tell() > _BUFFER_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        self._file.write(self._buffer.getvalue().encode("utf-8", "replace"))
        self._buffer.seek(0)
        self._buffer.truncate()

    def _finish(self) -> None:
        self._flush()

    def _drop(self) -> None:
        self._buffer.close()
