"""Writes JSON, as one array or as one object a line, with every value in its own type where JSON has it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, BinaryIO

from case_management.tabular.cells import MACHINE_TEXT, simple
from case_management.tabular.writer import TableWriter

_BUFFER_ROWS = 200


class JsonLinesWriter(TableWriter):
    """One object a line. Dates and decimals become text; lists and mappings are kept."""

    format_key = "jsonl"
    _before, _between, _after, _after_none = "", "\n", "\n", ""

    def __init__(self, file: BinaryIO, headers: Sequence[object]) -> None:
        super().__init__(headers)
        self._file = file
        self._encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=self._cell).encode
        self._buffer: list[str] = []
        self._file.write(self._before.encode())
        self._started = False

    def _write(self, values: Sequence[Any]) -> None:
        row = dict(zip(self.headers, values, strict=True))
        try:
            encoded = self._encode(row)
        except ValueError:  # NaN or infinity, for which JSON has no number
            encoded = self._encode({header: self._finite(value) for header, value in row.items()})
        self._buffer.append(encoded)
        if len(self._buffer) >= _BUFFER_ROWS:
            self._flush()

    def _cell(self, value: Any) -> object:
        if isinstance(value, list | dict | tuple):
            return self._encode(self._finite(value))
        kind, value = simple(value)
        return MACHINE_TEXT[kind](value) if kind in MACHINE_TEXT else value

    def _finite(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._finite(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._finite(inner) for inner in value]
        return simple(value)[1] if isinstance(value, float) else value

    def _flush(self) -> None:
        text = self._between.join(self._buffer)
        self._file.write(((self._between if self._started else "") + text).encode("utf-8", "replace"))
        self._started = True
        self._buffer.clear()

    def _finish(self) -> None:
        if self._buffer:
            self._flush()
        self._file.write((self._after if self._started else self._after_none).encode())

    def _drop(self) -> None:
        self._buffer.clear()


class JsonWriter(JsonLinesWriter):
    """One array of objects."""

    format_key = "json"
    _before, _between, _after, _after_none = "[\n", ",\n", "\n]\n", "]\n"
