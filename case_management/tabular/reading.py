"""Opens a table file of any known format for reading, one row at a time, in constant memory."""

from __future__ import annotations

from contextlib import ExitStack
from os import PathLike
from typing import BinaryIO

from case_management.tabular.csv_reader import read_csv
from case_management.tabular.formats import detect_format
from case_management.tabular.json_reader import read_json
from case_management.tabular.limits import Limits
from case_management.tabular.rows import Table
from case_management.tabular.sources import SAMPLE_BYTES, open_source, source_name
from case_management.tabular.xlsx_reader import read_xlsx


def open_table(
    source: str | PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    limits: Limits | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Table:
    """The table in a file, its headers read and checked, its rows not yet.

    ``format`` is a key of ``FORMATS``; without it the content and the file's name decide. ``encoding`` is
    for text without a byte order mark that is not UTF-8 (``"cp1252"``); ``sheet`` names a worksheet. A file
    that the caller opened is read from its start and stays open. Raises a :class:`TabularError` that says
    how to mend the file; a fault of a single row is no error but that row's ``problem``.

    >>> with open_table("cases.csv") as table:
    ...     good = [row.values for row in table if row.problem is None]
    """
    limits = limits or Limits()
    with ExitStack() as stack:
        file = open_source(source, limits, stack)
        sample = file.read(SAMPLE_BYTES)
        file.seek(0)
        found = detect_format(sample, name=source_name(source), asked=format)
        if found == "csv":
            headers, rows = read_csv(file, limits, encoding)
        elif found == "xlsx":
            headers, rows = read_xlsx(file, limits, stack, sheet=sheet)
        else:
            found, headers, rows = read_json(file, limits, encoding)
        close = stack.pop_all().close
    return Table(format=found, headers=headers, rows=rows, close=close)
