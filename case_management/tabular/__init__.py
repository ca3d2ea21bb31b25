"""Table files in and out: CSV, XLSX and JSON, one row at a time, safe against hostile files and formulas."""

from case_management.tabular.formats import FORMATS, Format
from case_management.tabular.limits import Limits
from case_management.tabular.reading import open_table
from case_management.tabular.rows import Row, Table
from case_management.tabular.writer import TableWriter
from case_management.tabular.writing import open_writer, stream_table

__all__ = ["FORMATS", "Format", "Limits", "Row", "Table", "TableWriter", "open_table", "open_writer", "stream_table"]
