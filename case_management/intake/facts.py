"""The columns that are kept as questions with answers, or as facts of the visit, under a name for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from case_management.intake import cells
from case_management.intake.cells import Cell, MakeConverter
from case_management.intake.converters import Converter, plain
from case_management.intake.moments import Moment
from case_management.intake.response import COMMENT_CHARACTERS
from case_management.intake.sections import Section


@dataclass(frozen=True)
class Fact:
    """One column and the label under which people see it."""

    label: str
    cell: Cell

    def read(self, values: Mapping[str, object], missing: frozenset[str]) -> Any:
        """The value as JSON holds it, None where the cell is empty; raises Unfit."""
        return plain(self.cell.read(values, missing))


@dataclass(frozen=True)
class _Day:
    """A moment of which only the date is kept."""

    moment: Moment

    def __call__(self, cell: object) -> Any:
        found = self.moment(cell)
        return found.date() if found else None


def _day(options: Section) -> Converter:
    return _Day(cells.moment(options))


_KINDS: dict[str, MakeConverter] = {
    "text": cells.text(COMMENT_CHARACTERS, lines=True),
    "number": cells.number,
    "boolean": cells.boolean,
    "date": _day,
    "moment": cells.moment,
}


def facts(top: Section, key: str) -> tuple[Fact, ...]:
    """The facts under ``key``: a list of columns, or a table of columns with their labels (and kinds)."""
    if key not in top:
        return ()
    given = top.take_any(key)
    if isinstance(given, list) and all(isinstance(column, str) for column in given):
        given = {column: column for column in given}
    if not isinstance(given, dict):
        raise top.wrong(key, "must be a list of columns, or a table of columns and their labels.")
    section = top.inside(key, given)
    return tuple(_fact(section, column) for column in given)


def _fact(section: Section, column: str) -> Fact:
    given = section.take_any(column)
    options = section.inside(column, {"label": given} if isinstance(given, str) else given)
    label, kind = options.take("label", str), options.take("kind", str, "text")
    if kind not in _KINDS:
        raise options.wrong("kind", f"is {kind!r}. Write one of: {', '.join(_KINDS)}.")
    convert = _KINDS[kind](options)
    options.done()
    return Fact(label, Cell(column, convert))
