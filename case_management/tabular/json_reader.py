"""Reads a JSON array of objects, or JSON Lines, one object at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable
from case_management.tabular.json_window import JsonWindow, ObjectDecoder
from case_management.tabular.limits import Limits
from case_management.tabular.rows import Row, RowShaper, checked_headers, require_short
from case_management.tabular.sources import SAMPLE_BYTES
from case_management.tabular.text_source import BoundedLines, open_text, undecodable

_HEADER_OBJECTS = 100

_Item = tuple[int, object, str | None]


def read_json(file: BinaryIO, limits: Limits, encoding: str | None = None) -> tuple[str, list[str], Iterator[Row]]:
    """The format found (``json`` or ``jsonl``), the headers and the rows.

    The headers are the keys of the first hundred objects; a key that turns up later is a problem of its
    row, a key that is missing is an empty cell.
    """
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    text = open_text(file, sample, encoding)
    is_array = sample.decode(text.encoding, "replace").removeprefix("\ufeff").lstrip()[:1] == "["
    items = _translated(_array_items(text, limits) if is_array else _line_items(text, limits))
    first = list(islice(items, _HEADER_OBJECTS))
    keys: dict[str, None] = {}
    for _number, item, _problem in first:
        keys.update(dict.fromkeys(item if isinstance(item, dict) else ()))
    headers = checked_headers(list(keys), limits) if keys else []
    return "json" if is_array else "jsonl", headers, _rows(chain(first, items), headers, limits)


def _translated(items: Iterator[_Item]) -> Iterator[_Item]:
    number = 0
    try:
        for item in items:
            number = item[0]
            yield item
    except UnicodeDecodeError as error:
        raise undecodable(error, after_row=number) from None
    except RecursionError:
        raise TableUnreadable(_("The JSON after row %(row)d is nested too deeply.") % {"row": number}) from None


def _array_items(text: io.TextIOWrapper, limits: Limits) -> Iterator[_Item]:
    window = JsonWindow(text, limits)
    window.take("[")
    number = 0
    while window.peek() != "]":
        if number:
            window.take(",")
        number += 1
        item, problem = window.decode()
        yield number, item, problem
    window.take("]")
    if window.peek():
        raise TableUnreadable(_("The JSON goes on after the end of the array. Put all objects into one array."))


def _line_items(text: io.TextIOWrapper, limits: Limits) -> Iterator[_Item]:
    lines = BoundedLines(text, limits)
    decoder = ObjectDecoder()
    for number, line in enumerate(lines, start=1):
        lines.start_record()
        if not line.strip():
            continue
        try:
            item, problem = decoder.decode(line)
        except json.JSONDecodeError as error:
            item, problem = (
                None,
                _("Line %(number)d is not valid JSON at character %(column)d.")
                % {
                    "number": number,
                    "column": error.colno,
                },
            )
        yield number, item, problem


def _rows(items: Iterator[_Item], headers: list[str], limits: Limits) -> Iterator[Row]:
    shaper = RowShaper(headers, limits, blank=None, pad=True)
    known = frozenset(headers)
    for number, item, fault in items:
        if not isinstance(item, dict):
            problem = fault or _("Row %(number)d is not an object with named values.") % {"number": number}
            yield shaper.shape(number, [], problem)
            continue
        cells = [item.get(header) for header in headers]
        require_short(number, cells, limits)
        row = shaper.shape(number, cells, fault or _unstorable(number, cells))
        yield row if item.keys() <= known else _with_surplus(row, item, known, limits)


def _with_surplus(row: Row, item: dict[str, object], known: frozenset[str], limits: Limits) -> Row:
    limits.require("columns", len(item))
    unknown = [key for key in item if key not in known]
    problem = _("Row %(number)d has keys that the first rows do not have: %(keys)s.") % {
        "number": row.number,
        "keys": ", ".join(unknown),
    }
    return row._replace(problem=row.problem or problem, surplus=tuple(item[key] for key in unknown))


def _unstorable(number: int, cells: list[object]) -> str | None:
    """No database keeps a NUL or half of a surrogate pair, which JSON can spell."""
    waiting = list(cells)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and ("\0" in value or not (value.isascii() or _is_whole(value))):
            return _("Row %(number)d holds a NUL character or half of a character. Remove it.") % {"number": number}
    return None


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
