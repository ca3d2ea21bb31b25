"""Gives a stored cell the value that its type, its style and its workbook make of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from case_management.tabular.guard import unguard
from case_management.tabular.shared_strings import SharedStrings
from case_management.tabular.xlsx_cells import Kind, moment, number, unescape

UNUSABLE = (ValueError, LookupError, OverflowError)
"""What :meth:`CellValues.value` raises for a cell without a usable value."""

_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


class CellValues:
    """The values of the cells of one sheet."""

    def __init__(self, strings: SharedStrings, date_styles: Mapping[str, Kind], *, from_1904: bool) -> None:
        self._strings = strings
        self._date_styles = date_styles
        self._from_1904 = from_1904

    def value(self, attributes: Mapping[str, str], raw: str) -> object:
        """The value of a cell with these attributes and this stored text; ``None`` for an empty shared text."""
        kind = attributes.get("t", "n")
        if kind == "n":
            style = self._date_styles.get(attributes.get("s", ""))
            return number(raw) if style is None else moment(raw, style, from_1904=self._from_1904)
        if kind in {"inlineStr", "str"}:
            return unguard(unescape(raw))
        return self._rare(kind, raw)

    def _rare(self, kind: str, raw: str) -> object:
        if kind == "s":
            return unguard(self._strings[int(raw)]) or None
        if kind == "b":
            return _BOOLEANS[raw]
        if kind == "d":
            return datetime.fromisoformat(raw)
        raise ValueError(kind)  # "e", an error such as #REF!, or a type that does not exist
