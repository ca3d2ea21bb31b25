"""Turns the XML of one sheet into numbered rows of cells, as it streams by."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable
from case_management.tabular.limits import Limits
from case_management.tabular.safe_xml import StreamParser
from case_management.tabular.xlsx_cells import column_number
from case_management.tabular.xlsx_values import UNUSABLE, CellValues

LAST_ROW = 1_048_576
_DIGITS = "0123456789"


class SheetParser:
    """Collects finished rows in ``rows`` as (number, cells, problem); the caller takes them and clears it."""

    def __init__(self, values: CellValues, limits: Limits) -> None:
        self.rows: list[tuple[int, list[object], str | None]] = []
        self._value = values.value
        self._limits = limits
        self._longest = limits.cell_characters
        self._widest = limits.columns
        self._number = 0
        self._cells: list[object] = []
        self._problem: str | None = None
        self._column = 0
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] = []
        self._length = self._room = 0
        self._wanted = self._phonetic = self._formula = False

    def parser(self) -> StreamParser:
        """A parser that feeds this object."""
        return StreamParser(
            starts={
                "row": self._start_row,
                "c": self._start_cell,
                "v": self._start_text,
                "t": self._start_text,
                "f": self._start_formula,
                "rPh": self._start_phonetic,
            },
            ends={
                "row": self._end_row,
                "c": self._end_cell,
                "v": self._end_text,
                "t": self._end_text,
                "rPh": self._end_phonetic,
            },
            text=self._text,
        )

    def _start_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        row = self._number + 1 if given is None else int(given) if given.isdigit() and len(given) < 8 else 0
        if not self._number < row <= LAST_ROW:
            raise TableUnreadable(
                _("The rows are out of order after row %(row)d. Open the workbook and save it anew.")
                % {"row": self._number}
            )
        self._number = row
        self._cells = []
        self._problem = None
        self._column = 0
        self._room = self._limits.row_characters

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        column = self._column + 1 if reference is None else column_number(reference.rstrip(_DIGITS))
        if column <= self._column:
            raise TableUnreadable(
                _("The cells of row %(row)d are not in order. Open the workbook and save it anew.")
                % {"row": self._number}
            )
        self._column = column
        self._attributes = attributes
        self._pieces = []
        self._length = 0
        self._formula = False

    def _start_text(self, _attributes: dict[str, str]) -> None:
        self._formula = False  # its result is stored, be it an empty text
        self._wanted = not self._phonetic

    def _end_text(self) -> None:
        self._wanted = False

    def _start_formula(self, _attributes: dict[str, str]) -> None:
        self._formula = True

    def _start_phonetic(self, _attributes: dict[str, str]) -> None:
        self._phonetic = True

    def _end_phonetic(self) -> None:
        self._phonetic = False

    def _text(self, data: str) -> None:
        if self._wanted:
            self._pieces.append(data)
            self._length += len(data)
            if self._length > self._longest:
                raise self._limits.exceeded("cell_characters", self._length, where=self._place())

    def _end_cell(self) -> None:
        if not self._pieces:
            if self._formula:
                self._complain(_("%(place)s is a formula without a stored result. Save the workbook with results."))
            return
        raw = "".join(self._pieces)
        try:
            value = self._value(self._attributes, raw)
        except UNUSABLE:
            self._complain(_("%(place)s holds no usable value (%(raw)s). Correct the cell."), raw=raw[:50])
            value = raw
        if value is not None:
            self._keep(value)

    def _keep(self, value: object) -> None:
        self._room -= len(value) if isinstance(value, str) else 1
        if self._room < 0:
            most = self._limits.row_characters
            raise self._limits.exceeded("row_characters", most - self._room, where=self._place())
        if self._column > self._widest:
            raise self._limits.exceeded("columns", self._column, where=self._place())
        missing = self._column - len(self._cells) - 1
        if missing:
            self._cells.extend([None] * missing)
        self._cells.append(value)

    def _complain(self, sentence: str, **details: str) -> None:
        self._problem = self._problem or sentence % {"place": self._place(), **details}

    def _place(self) -> str:
        return _("Row %(number)d, column %(column)d") % {"number": self._number, "column": self._column}

    def _end_row(self) -> None:
        if self._cells or self._problem:
            self.rows.append((self._number, self._cells, self._problem))
