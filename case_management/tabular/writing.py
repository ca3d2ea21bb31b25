"""Opens a binary file for writing a table of any known format, one row at a time, in constant memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO, cast

from case_management.tabular.csv_writer import CsvWriter
from case_management.tabular.formats import known_format
from case_management.tabular.json_writer import JsonLinesWriter, JsonWriter
from case_management.tabular.writer import TableWriter
from case_management.tabular.xlsx_writer import XlsxWriter


def open_writer(
    file: BinaryIO, format: str, headers: Sequence[object], *, title: str = "", guard: bool = True
) -> TableWriter:
    """A writer into ``file``, which need not be seekable and stays open; ``format`` is a key of ``FORMATS``.

    ``title`` names the sheet of a workbook. ``guard=False`` writes texts into a CSV as they are, for
    programs only: a spreadsheet may then run them as formulas.

    >>> with open("cases.xlsx", "wb") as file, open_writer(file, "xlsx", ["Reference", "Title"]) as table:
    ...     table.write(["C-1", "=not a formula"])
    """
    writers: dict[str, Callable[[], TableWriter]] = {
        "csv": lambda: CsvWriter(file, headers, guard_text=guard),
        "xlsx": lambda: XlsxWriter(file, headers, title=title),
        "json": lambda: JsonWriter(file, headers),
        "jsonl": lambda: JsonLinesWriter(file, headers),
    }
    return writers[known_format(format).key]()


def stream_table(
    format: str, headers: Sequence[object], rows: Iterable[Sequence[object]], *, title: str = ""
) -> Iterator[bytes]:
    """The file of a table piece by piece, as a streaming response wants it; the first piece comes with the first rows.

    >>> StreamingHttpResponse(stream_table("csv", ["Reference"], rows), content_type=FORMATS["csv"].content_type)
    """
    pieces = _Pieces()
    with open_writer(cast("BinaryIO", pieces), format, headers, title=title) as table:
        for row in rows:
            table.write(row)
            if pieces.waiting:
                yield pieces.take()
    yield pieces.take()


class _Pieces(io.RawIOBase):
    """A file that keeps what is written until somebody takes it."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        if data:
            self.waiting.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self.waiting)
        self.waiting.clear()
        return taken
