"""A workbook of any program is read with its values as they are meant; openpyxl is the oracle."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_management.tabular import Limits
from case_management.tabular.errors import HeadersInvalid, LimitExceeded, TableUnreadable
from case_management.tabular.shared_strings import SharedStrings
from case_management.tabular.xlsx_cells import kind_of_format

from .tables import HEADER_ROW, archive, cells, read, text_cell, workbook, workbook_parts

XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
)
VALUES = st.one_of(
    XML_TEXT.filter(lambda text: text[0] not in "='" and "_x" not in text),
    st.integers(-(10**15), 10**15),
    st.integers(-(10**12), 10**12).map(lambda number: number / 1000),  # it stores 16 digits
    st.booleans(),
    st.datetimes(datetime.fromisoformat("1900-03-01T00:00:00"), datetime.fromisoformat("9999-12-30T00:00:00")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.dates(date(1900, 3, 1), date(9999, 12, 30)),
    st.none(),
)


def openpyxl_file(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=8))
def test_what_openpyxl_wrote_is_read_as_it_was_meant(rows: list[list[Any]]) -> None:
    marked = [[number, *row] for number, row in enumerate(rows)]

    found = cells(openpyxl_file([["id", "a", "b", "c"], *marked]))

    assert found == marked


def test_numbers_of_rows_are_those_of_the_sheet_and_blank_rows_are_skipped() -> None:
    rows = [[None], ["id", "x"], [1, "a"], [None], [None, None], [2, "b"]]

    headers, found = read(openpyxl_file(rows))

    assert headers == ["id", "x"]
    assert [row.number for row in found] == [3, 6]


def test_the_row_of_one_late_cell_is_read_at_once() -> None:
    sheet = f'{HEADER_ROW}<row r="1048576">{text_cell("A1048576", "late")}</row>'

    assert [(row.number, row.values["a"]) for row in read(workbook(sheet))[1]] == [(1_048_576, "late")]


def test_cells_and_rows_without_a_reference_follow_each_other() -> None:
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'.format
    sheet = f"<row>{cell('a')}{cell('b')}</row><row>{cell('1')}</row><row/><row><c/>{cell('2')}</row>"

    _headers, rows = read(workbook(sheet))

    assert [(row.number, list(row.values.values())) for row in rows] == [(2, ["1", None]), (4, [None, "2"])]


def test_prefixed_and_utf16_xml_is_read() -> None:
    parts = workbook_parts(f'{HEADER_ROW}<row r="2">{text_cell("B2", "ä")}</row>')
    prefixed = {
        name: part.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
        for name, part in parts.items()
    }
    wide = {name: part.encode("utf-16") for name, part in parts.items()}

    assert cells(archive(prefixed)) == cells(archive(wide)) == [[None, "ä"]]


def test_shared_strings_keep_runs_and_lose_phonetic_readings() -> None:
    shared = (
        "<si><t>a</t></si><si><t>b</t></si>"
        '<si><r><rPr><b/></rPr><t xml:space="preserve">bold </t></r><r><t>plain</t></r>'
        '<rPh sb="0" eb="1"><t>no</t></rPh></si>'
        "<si><t>line_x000D_\nend _x005F_x000D_ _x0000_ _xD800_</t></si><si/>"
    )
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3" t="s"><v>0</v></c></row>'
    )

    assert cells(workbook(sheet, shared=shared)) == [
        ["bold plain", "line\r\nend _x000D_ _x0000_ _xD800_"],
        [None, "a"],
    ]


def test_texts_beyond_what_fits_into_memory_come_back_from_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("case_management.tabular.shared_strings._IN_MEMORY", 10)
    texts = [f"text {number} ü😀 {'x' * number}" for number in range(500)]
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    sheet = "".join(
        f'<row r="{number}"><c r="A{number}" t="s"><v>{number * 7 % 500}</v></c></row>' for number in range(1, 500)
    )

    headers, rows = read(workbook(sheet, shared=shared))

    assert [headers[0], *(row.values[headers[0]] for row in rows)] == [
        texts[number * 7 % 500] for number in range(1, 500)
    ]


def test_a_text_that_is_not_in_the_table_is_a_problem() -> None:
    from contextlib import ExitStack

    with ExitStack() as stack:
        strings = SharedStrings(Limits(), stack)
        strings.append("only")
        for number in (-1, 1, 99):
            with pytest.raises(IndexError):
                strings[number]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ('<c r="B2" t="s"><v>7</v></c>', "no usable value"),
        ('<c r="B2" t="s"><v>-1</v></c>', "no usable value"),
        ('<c r="B2" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="B2" t="b"><v>2</v></c>', "no usable value"),
        ('<c r="B2"><v>12abc</v></c>', "12abc"),
        ('<c r="B2"><v>nan</v></c>', "nan"),
        (f'<c r="B2"><v>{"9" * 5_000}</v></c>', "9999"),
        ('<c r="B2" t="d"><v>yesterday</v></c>', "yesterday"),
        ('<c r="B2" t="magic"><v>1</v></c>', "no usable value"),
        ('<c r="B2" s="1"><v>-3</v></c>', "-3"),
        ('<c r="B2" s="1"><v>1e300</v></c>', "1e300"),
        ('<c r="B2"><f>1+1</f></c>', "formula without a stored result"),
        ('<c r="C2"><v>1</v></c>', "value in column 3"),
    ],
)
def test_a_cell_without_a_usable_value_is_a_problem_of_its_row(cell: str, fault: str) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    sheet = f'{HEADER_ROW}<row r="2">{text_cell("A2", "x")}{cell}</row><row r="3">{text_cell("A3", "y")}</row>'

    _headers, rows = read(workbook(sheet, styles=styles))

    assert "Row 2" in str(rows[0].problem)
    assert fault in str(rows[0].problem)
    assert rows[1].problem is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A2" t="str"><f>A1</f><v>result</v></c>', "result"),
        ("<c r='A2' t='str'><f>\"\"</f><v></v></c>", None),
        ('<c r="A2" t="d"><v>2026-01-02T03:04:05</v></c>', datetime.fromisoformat("2026-01-02T03:04:05")),
        ('<c r="A2" t="b"><v>1</v></c>', True),
        ('<c r="A2"><v>12345678901234567890</v></c>', 12345678901234567890),
        ('<c r="A2"><v>1E5</v></c>', 100000.0),
        ('<c r="A2" s="1"><v>60</v></c>', date(1900, 2, 28)),
        ('<c r="A2" s="1"><v>59</v></c>', date(1900, 2, 28)),
        ('<c r="A2" s="1"><v>61</v></c>', date(1900, 3, 1)),
        ('<c r="A2" s="1"><v>46024.5</v></c>', datetime.fromisoformat("2026-01-02T12:00:00")),
        ('<c r="A2" s="2"><v>44562.7416666667</v></c>', datetime.fromisoformat("2022-01-01T17:48:00")),
        ('<c r="A2" s="2"><v>46024</v></c>', datetime.fromisoformat("2026-01-02T00:00:00")),
        ('<c r="A2" s="3"><v>0.75</v></c>', time(18)),
        ('<c r="A2" s="4"><v>1.5</v></c>', timedelta(hours=36)),
        ('<c r="A2" s="5"><v>46024</v></c>', date(2026, 1, 2)),
    ],
)
def test_a_stored_value_means_what_its_type_and_style_say(cell: str, value: object) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yyyy;@"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="46"/><xf numFmtId="164"/></cellXfs>'
    )
    sheet = (
        f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "b")}</row><row r="2">{cell}{text_cell("B2", "x")}</row>'
    )

    assert cells(workbook(sheet, styles=styles)) == [[value, "x"]]


def test_days_may_be_counted_from_1904() -> None:
    sheet = f'{HEADER_ROW}<row r="2"><c r="A2" s="1"><v>1</v></c></row>'
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'

    assert cells(workbook(sheet, styles=styles, properties='<workbookPr date1904="1"/>')) == [[date(1904, 1, 2), None]]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", None),
        ("0.00", None),
        ("#,##0.00 [$€-407]", None),
        ('0 "days"', None),
        (r"0\d", None),
        ("[Red]0;[Blue]-0", None),
        ("@", None),
        ("yyyy-mm-dd", "date"),
        ("mmm yy", "date"),
        ("mmmm", "date"),
        ("d/m/yyyy h:mm AM/PM", "datetime"),
        ("yyyy\\-mm\\-dd\\ hh:mm:ss", "datetime"),
        ("mm:ss.0", "time"),
        ("h:mm", "time"),
        ("[h]:mm:ss", "duration"),
        ("[mm]:ss", "duration"),
    ],
)
def test_a_number_format_tells_dates_from_numbers(code: str, kind: str | None) -> None:
    assert kind_of_format(code) == kind


def test_the_first_visible_sheet_or_the_one_asked_for_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_chartsheet("Chart")
    book.create_sheet("First").append(["one"])
    book.create_sheet("Second").append(["two"])
    file = io.BytesIO()
    book.save(file)

    assert read(file.getvalue())[0] == ["one"]
    assert read(file.getvalue(), sheet="Second")[0] == ["two"]
    with pytest.raises(TableUnreadable, match="First, Second"):
        read(file.getvalue(), sheet="Third")


@pytest.mark.parametrize(
    ("sheet", "fault"),
    [
        ("", "missing"),
        (f'<row r="1">{text_cell("B1", "b")}</row>', "column 1 has no name"),
        (f'<row r="1">{text_cell("A1", "a")}{text_cell("B1", "a")}</row>', "both named “a”"),
        ('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>', "#N/A"),
    ],
)
def test_a_header_row_that_cannot_be_used_is_refused_with_its_fault(sheet: str, fault: str) -> None:
    with pytest.raises(HeadersInvalid, match=fault):
        read(workbook(sheet))


@pytest.mark.parametrize(
    "sheet",
    [
        '<row r="2"/><row r="1"/>',
        '<row r="1"/><row r="1"/>',
        '<row r="0"/>',
        '<row r="-1"/>',
        '<row r="1048577"/>',
        '<row r="99999999999999999999"/>',
        '<row r="x"/>',
        f'<row r="1">{text_cell("B1", "b")}{text_cell("A1", "a")}</row>',
        f'<row r="1">{text_cell("ÄÖ1", "a")}</row>',
        "<row><c></row>",
    ],
)
def test_a_sheet_out_of_order_is_refused(sheet: str) -> None:
    with pytest.raises(TableUnreadable):
        read(workbook(sheet))


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (Limits(rows=4), "rows"),
        (Limits(columns=1), "columns"),
        (Limits(cell_characters=9), "cell_characters"),
        (Limits(row_characters=13), "row_characters"),
        (Limits(file_bytes=100), "file_bytes"),
        (Limits(expanded_bytes=100), "expanded_bytes"),
        (Limits(archive_entries=3), "archive_entries"),
    ],
)
def test_limits_hold_for_workbooks(limits: Limits, limit: str) -> None:
    book = openpyxl_file([["id", "text"], *([number, f"text number {number}"] for number in range(5))])

    with pytest.raises(LimitExceeded) as caught:
        read(book, limits=limits)

    assert caught.value.details["limit"] == limit


def test_the_number_of_shared_strings_is_limited() -> None:
    book = workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', shared="<si><t>x</t></si>" * 4)

    assert read(book, limits=Limits(shared_strings=4))[0] == ["x"]
    with pytest.raises(LimitExceeded, match="shared_strings"):
        read(book, limits=Limits(shared_strings=3))


def test_a_long_text_in_many_pieces_is_measured_as_a_whole() -> None:
    pieces = "".join(f"<r><t>{'x' * 100}</t></r>" for _ in range(11))
    inline = workbook(f'{HEADER_ROW}<row r="2"><c r="A2" t="inlineStr"><is>{pieces}</is></c></row>')
    shared = workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', shared=f"<si>{pieces}</si>")

    for book in (inline, shared):
        with pytest.raises(LimitExceeded, match="cell_characters"):
            read(book, limits=Limits(cell_characters=1_000))


def test_a_guarded_text_that_came_by_way_of_a_csv_loses_its_quote() -> None:
    assert cells(openpyxl_file([["a", "b"], ["'+49 30", "''=1"]])) == [["+49 30", "'=1"]]
