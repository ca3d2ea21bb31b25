"""Text out of a binary file: its encoding, and its lines in bounded pieces."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable
from case_management.tabular.limits import Limits
from case_management.tabular.sources import SAMPLE_BYTES

ENCODINGS = ("utf-8", "utf-16", "cp1252")


def open_text(file: BinaryIO, sample: bytes, encoding: str | None) -> io.TextIOWrapper:
    """The file as text, line ends kept; a byte order mark decides, then ``encoding``, then strict UTF-8."""
    if encoding is not None and encoding not in ENCODINGS:
        message = f"The encoding {encoding!r} is not read here; choose one of {', '.join(ENCODINGS)}."
        raise ValueError(message)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif sample.startswith(codecs.BOM_UTF8):
        encoding = "utf-8"
        file.seek(len(codecs.BOM_UTF8))
    buffered = io.BufferedReader(_Borrowed(file), SAMPLE_BYTES)
    return io.TextIOWrapper(buffered, encoding=encoding or "utf-8", errors="strict", newline="")


class _Borrowed(io.RawIOBase):
    """Reads a file that belongs to somebody else, and never closes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def undecodable(error: UnicodeDecodeError, *, after_row: int) -> TableUnreadable:
    """The error for bytes that are not in the encoding of the file; ``details["encoding"]`` is the one tried."""
    return TableUnreadable(
        _(
            "The file is not valid %(encoding)s: byte 0x%(byte)02x somewhere after row %(row)d. "
            "Save it as “CSV UTF-8”, or choose the encoding Windows-1252 if it comes from an older program."
        )
        % {"encoding": error.encoding.upper(), "byte": error.object[error.start], "row": after_row},
        encoding=error.encoding,
    )


class BoundedLines:
    """Lines of a text, their sum since :meth:`start_record` bounded; ``nul`` if one of them held a NUL."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._left = limits.row_characters
        self.nul = False

    def start_record(self) -> None:
        """Begin to count anew."""
        self._left = self._limits.row_characters
        self.nul = False

    def __iter__(self) -> Iterator[str]:
        readline = self._text.readline
        while line := readline(self._left + 1):
            self._left -= len(line)
            if self._left < 0:
                raise self._limits.exceeded("row_characters", self._limits.row_characters - self._left)
            if "\0" in line:
                self.nul = True
            yield line
