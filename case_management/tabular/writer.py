"""What every table writer has in common: headers first, one row at a time, finished only if all went well."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from case_management.tabular.errors import TabularError, ValueUnwritable
from case_management.tabular.formats import FORMATS, Format
from case_management.tabular.rows import checked_headers


class TableWriter:
    """Writes one table; a context manager. ``count`` rows have been written so far.

    If the body of the ``with`` fails, the file is left unfinished, so that nobody takes it for the whole
    table. The file belongs to the caller and stays open.
    """

    format_key: ClassVar[str]

    def __init__(self, headers: Sequence[object]) -> None:
        self.headers = checked_headers(headers)
        self.count = 0
        self._open = True

    @property
    def format(self) -> Format:
        """The format that is written."""
        return FORMATS[self.format_key]

    def write(self, values: Sequence[object]) -> None:
        """Write one row: as many values as there are headers."""
        if len(values) != len(self.headers):
            raise ValueUnwritable(
                _("Row %(row)d has %(found)d values, but there are %(expected)d headers.")
                % {"row": self.count + 1, "found": len(values), "expected": len(self.headers)},
                row=self.count + 1,
            )
        try:
            self._write(values)
        except ValueUnwritable as error:
            raise self._located(error, values) from None
        self.count += 1

    def close(self) -> None:
        """Finish the file."""
        if self._open:
            self._open = False
            self._finish()

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        if self._open:
            self._open = False
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def _located(self, error: ValueUnwritable, values: Sequence[Any]) -> TabularError:
        """The same error with row and column; found by a second look, so that the first one is quick."""
        row = self.count + 1
        for header, value in zip(self.headers, values, strict=True):
            if self._refuses(value):
                message = _("Row %(row)d, column “%(column)s”: %(fault)s") % {
                    "row": row,
                    "column": header,
                    "fault": error,
                }
                return ValueUnwritable(message, row=row, column=header)
        return error

    def _refuses(self, value: object) -> bool:
        try:
            self._cell(value)
        except ValueUnwritable:
            return True
        return False

    def _cell(self, value: Any) -> object:
        raise NotImplementedError

    def _write(self, values: Sequence[Any]) -> None:
        raise NotImplementedError

    def _finish(self) -> None:
        raise NotImplementedError

    def _drop(self) -> None:
        raise NotImplementedError
