"""Short ways to write a table to bytes, to read one from bytes, and to build a workbook by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from case_management.tabular import Row, open_table, open_writer

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def written(format: str, headers: Sequence[object], rows: Iterable[Sequence[object]], **options: Any) -> bytes:
    """The file with this table."""
    file = io.BytesIO()
    with open_writer(file, format, headers, **options) as table:
        for row in rows:
            table.write(row)
    assert not file.closed
    return file.getvalue()


def read(data: bytes, **options: Any) -> tuple[list[str], list[Row]]:
    """Headers and rows of a file."""
    with open_table(io.BytesIO(data), **options) as table:
        return table.headers, list(table)


def cells(data: bytes, **options: Any) -> list[list[object]]:
    """The values of every row, none of which has a problem."""
    _headers, rows = read(data, **options)
    assert [row.problem for row in rows if row.problem] == []
    return [list(row.values.values()) for row in rows]


def workbook_parts(sheet: str, *, shared: str = "", styles: str = "", properties: str = "") -> dict[str, str]:
    """The parts of a workbook with one sheet, from the XML of its ``sheetData`` and so on."""
    return {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Target="xl/workbook.xml" '
        f'Type="{OFFICE}/officeDocument"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}'
        '<sheets><sheet name="Cases" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
    }


def archive(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zipped:
        for name, part in parts.items():
            zipped.writestr(name, part)
    return file.getvalue()


def workbook(sheet: str, **parts: str) -> bytes:
    """A workbook with one sheet."""
    return archive(workbook_parts(sheet, **parts))


def text_cell(reference: str, text: str) -> str:
    """A cell with a text of its own."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADER_ROW = f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}</row>'
