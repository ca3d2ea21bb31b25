"""Reads CSV as RFC 4180 has it, whatever of the usual delimiters it uses, one record at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from case_management.tabular.errors import HeadersInvalid
from case_management.tabular.guard import unguard
from case_management.tabular.limits import Limits
from case_management.tabular.rows import Row, RowShaper, checked_headers, require_short
from case_management.tabular.sources import SAMPLE_BYTES
from case_management.tabular.text_source import BoundedLines, open_text, undecodable

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 200
_UNUSABLE = 0.75  # a delimiter that makes empty or equal names is hardly the right one

_Record = tuple[int, list[str], str | None]


def read_csv(file: BinaryIO, limits: Limits, encoding: str | None = None) -> tuple[list[str], Iterator[Row]]:
    """The headers and the rows of a CSV file; the encoding is found as :func:`open_text` says."""
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    text = open_text(file, sample, encoding)
    delimiter = sniff_delimiter(_decoded(sample, text.encoding), cut=len(sample) == SAMPLE_BYTES)
    records = _records(text, delimiter, limits)
    headers = _headers(records, limits)
    return headers, _rows(records, headers, limits)


def sniff_delimiter(sample: str, *, cut: bool = False) -> str:
    """The delimiter that gives the widest header whose width the records keep, or else ``,``.

    ``cut`` says that the sample ends in the middle of a record.
    """
    scores = [_score(sample, delimiter, cut=cut) for delimiter in DELIMITERS]
    return DELIMITERS[scores.index(max(scores))]


def _score(sample: str, delimiter: str, *, cut: bool) -> float:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        records = [cells for cells in islice(reader, _SAMPLE_RECORDS) if cells]
    except csv.Error:
        return 0.0
    if cut and len(records) < _SAMPLE_RECORDS:
        records = records[:-1]
    if not records:
        return 0.0
    header, *rows = records
    names = {name.strip() for name in header}
    usable = "" not in names and len(names) == len(header)
    agreeing = sum(_agreement(len(cells), len(header)) for cells in rows) / len(rows) if rows else 1.0
    return len(header) * agreeing * (1.0 if usable else _UNUSABLE)


def _agreement(width: int, expected: int) -> float:
    if width == expected:
        return 1.0
    return 0.5 if width > 1 else 0.0  # a ragged row still speaks for the delimiter


def _decoded(sample: bytes, encoding: str) -> str:
    return sample.decode(encoding, "replace").removeprefix("\ufeff")


def _records(text: io.TextIOWrapper, delimiter: str, limits: Limits) -> Iterator[_Record]:
    """Line number, cells and problem of every record that is not blank."""
    lines = BoundedLines(text, limits)
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    number = 0
    try:
        while True:
            number = reader.line_num + 1
            lines.start_record()
            problem = None
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells, problem = [], _syntax_problem(error, number, limits)
            if lines.nul:
                problem = _("Row %(number)d holds a NUL character. Remove it.") % {"number": number}
            if any(cells) or problem:
                yield number, cells, problem
    except UnicodeDecodeError as error:
        raise undecodable(error, after_row=number - 1) from None


def _syntax_problem(error: csv.Error, number: int, limits: Limits) -> str:
    if "field limit" in str(error):
        where = _("Row %(number)d") % {"number": number}
        raise limits.exceeded("cell_characters", csv.field_size_limit(), where=where) from None
    return _(
        "Row %(number)d has a quotation mark that is not closed or not doubled. "
        'Write a quotation mark inside a quoted cell twice: "".'
    ) % {"number": number}


def _headers(records: Iterator[_Record], limits: Limits) -> list[str]:
    number, cells, problem = next(records, (1, [], None))
    if problem:
        raise HeadersInvalid(_("The header row cannot be used: %(fault)s") % {"fault": problem})
    require_short(number, cells, limits)
    return checked_headers([unguard(cell) for cell in cells], limits)


def _rows(records: Iterator[_Record], headers: list[str], limits: Limits) -> Iterator[Row]:
    shaper = RowShaper(headers, limits, blank="", pad=False)
    longest = limits.cell_characters
    for number, cells, problem in records:
        if cells and max(map(len, cells)) > longest:
            require_short(number, cells, limits)
        unguarded: list[object] = [unguard(cell) if cell[:1] == "'" else cell for cell in cells]
        yield shaper.shape(number, unguarded, problem)
