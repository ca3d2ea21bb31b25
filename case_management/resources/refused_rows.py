"""The rows that an import refused, as a table like the one they came from, with what is wrong beside them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from case_management.models import ImportBatch
from case_management.tabular import open_table, open_writer

#: Columns of ours that an import of the mended file does not read.
ROW, ERROR = "_row", "_error"


def write_refused(batch: ImportBatch, file: Any) -> int:
    """Write the refused rows in the batch's own format and spelling; returns how many there are."""
    refused, headers = batch.errors.filter(refused=True).order_by("row", "pk"), _headers(batch)
    with open_writer(file, batch.format, [*headers, ROW, ERROR]) as table:
        for number, remarks in groupby(refused.iterator(), key=lambda remark: remark.row):
            found = list(remarks)
            faults = " ".join(f"{remark.column or '-'}: {remark.message}" for remark in found)
            table.write([*(found[0].values.get(header) for header in headers), number, faults])
        return table.count


def _headers(batch: ImportBatch) -> list[str]:
    """The file's own columns in their order; those that an earlier list of refused rows added come anew."""
    with batch.file.open("rb") as kept, open_table(kept.file, format=batch.format) as table:
        return [header for header in table.headers if header not in (ROW, ERROR)]
