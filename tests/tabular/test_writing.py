"""What the writers put into a file, looked at without our own readers."""

from __future__ import annotations

import csv
import enum
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from case_management.tabular import FORMATS, open_table, open_writer, stream_table
from case_management.tabular.errors import TabularError, ValueUnwritable
from case_management.tabular.xlsx_parts import sheet_titles
from case_management.tabular.xlsx_writer import XlsxWriter

from .tables import cells, written

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


def sheet_of(data: bytes, **options: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), **options).active


def test_a_csv_is_utf8_with_a_mark_and_windows_line_ends() -> None:
    data = written("csv", ["id", "name"], [[1, "Jörg"], [None, ""]])

    assert data == "\ufeffid,name\r\n1,Jörg\r\n,\r\n".encode()


def test_every_type_has_one_spelling_in_a_csv() -> None:
    row = [True, False, -5, 0.1, 1e300, Decimal("-1E+3"), MOMENT, date(2026, 1, 2), time(3, 4), timedelta(hours=30)]

    [_header, line] = csv.reader(io.StringIO(written("csv", range(10), [row]).decode("utf-8-sig")))

    assert line == [
        "true", "false", "-5", "0.1", "1e+300", "-1000", "2026-01-02T03:04:05.000678+00:00", "2026-01-02",
        "03:04:00", "P1DT06H00M00S",
    ]  # fmt: skip


@pytest.mark.parametrize("key", FORMATS)
def test_values_in_disguise_are_written_as_what_they_are(key: str) -> None:
    identifier = UUID(int=7)
    row = [Colour.RED, Level.HIGH, gettext_lazy("Yes"), mark_safe("<b>"), identifier, None]

    [found] = cells(written(key, list("abcdef"), [row]), format=key)

    assert [str(cell) for cell in found[:5]] == ["red", "3", "Yes", "<b>", str(identifier)]
    assert found[5] in (None, "")


def test_json_keeps_lists_and_spells_dates() -> None:
    data = written("json", ["tags", "at", "price"], [[["a", {"b": [float("nan")]}], MOMENT, Decimal("1.10")]])

    assert json.loads(data) == [
        {"tags": ["a", {"b": ["nan"]}], "at": "2026-01-02T03:04:05.000678+00:00", "price": "1.10"}
    ]


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400, 1_001])
def test_json_is_valid_whatever_the_number_of_rows(count: int) -> None:
    rows = [[number] for number in range(count)]

    assert json.loads(written("json", ["n"], rows)) == [{"n": number} for number in range(count)]
    lines = written("jsonl", ["n"], rows).decode().splitlines()
    assert [json.loads(line) for line in lines] == [{"n": number} for number in range(count)]


@pytest.mark.parametrize("key", ["csv", "json", "jsonl"])
def test_a_moment_without_a_time_zone_is_refused_with_row_and_column(key: str) -> None:
    with pytest.raises(ValueUnwritable, match=r"Row 2, column “at”: .* has no time zone") as caught:
        written(key, ["id", "at"], [[1, MOMENT], [2, MOMENT.replace(tzinfo=None)]])

    assert caught.value.details == {"row": 2, "column": "at"}


@pytest.mark.parametrize("key", ["csv", "xlsx"])
@pytest.mark.parametrize("value", [["list"], {"a": 1}, b"bytes", {1}, object()])
def test_what_has_no_form_in_a_cell_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueUnwritable, match="Row 1, column “b”"):
        written(key, ["a", "b"], [["x", value]])


@pytest.mark.parametrize("key", FORMATS)
def test_a_row_of_another_width_is_refused(key: str) -> None:
    with pytest.raises(ValueUnwritable, match="Row 2 has 3 values, but there are 2 headers"):
        written(key, ["a", "b"], [[1, 2], [1, 2, 3]])


@pytest.mark.parametrize("key", FORMATS)
def test_a_table_that_failed_half_way_is_no_whole_table(key: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{key}"

    with pytest.raises(RuntimeError), path.open("wb") as file, open_writer(file, key, ["a"]) as table:
        table.write(["x"])
        raise RuntimeError

    if key in {"xlsx", "json"}:
        with pytest.raises(TabularError), open_table(path) as half:
            list(half)
    assert table.count == 1


@pytest.mark.parametrize("key", FORMATS)
def test_a_stream_that_cannot_be_sought_is_written(key: str) -> None:
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    stream = Stream()
    with open_writer(stream, key, ["a"]) as table:  # type: ignore[arg-type]
        table.write(["x"])
        assert table.format is FORMATS[key]

    assert cells(stream.data, format=key) == [["x"]]


def test_openpyxl_reads_every_cell_with_its_type() -> None:
    row = [
        "text",
        7,
        -0.5,
        True,
        False,
        MOMENT,
        date(2026, 1, 2),
        time(3, 4, 5),
        timedelta(hours=30),
        None,
        Decimal("1.5"),
    ]
    sheet = sheet_of(written("xlsx", [f"h{n}" for n in range(11)], [row], title="Cases"))

    assert [cell.value for cell in sheet[2]] == [
        "text", 7, -0.5, True, False, datetime.fromisoformat("2026-01-02T03:04:05.001000"),
        datetime.fromisoformat("2026-01-02"), time(3, 4, 5),
        timedelta(hours=30), None, 1.5,
    ]  # fmt: skip
    assert "".join(cell.data_type for cell in sheet[2]) == "snnbbddddnn"
    assert sheet["F2"].is_date
    assert sheet["F2"].number_format == "yyyy\\-mm\\-dd\\ hh:mm:ss"


def test_the_header_is_bold_and_stays_in_sight() -> None:
    sheet = sheet_of(written("xlsx", ["a", "b"], [[1, 2]], title="Open cases"))

    assert sheet.title == "Open cases"
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.bold for cell in sheet[1])
    assert not any(cell.font.bold for cell in sheet[2])


def test_a_full_sheet_is_followed_by_another_with_the_same_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(XlsxWriter, "sheet_rows", 4)

    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", ["n"], [[number] for number in range(7)], title="Cases")))

    assert book.sheetnames == ["Cases", "Cases (2)", "Cases (3)"]
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]
    assert all(sheet.freeze_panes == "A2" for sheet in book)


def test_a_sheet_of_two_gigabytes_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(XlsxWriter, "sheet_bytes", 20_000)

    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", ["n"], [["x" * 100]] * 1_000)))

    assert len(book.sheetnames) > 1
    assert sum(sheet.max_row - 1 for sheet in book) == 1_000


@pytest.mark.parametrize("text", ["x" * 32_768, "😀" * 16_384, "&" * 40_000, "x" + "😀" * 20_000])
def test_a_text_longer_than_a_cell_is_cut_visibly(text: str) -> None:
    [[found]] = cells(written("xlsx", ["t"], [[text]]))

    assert str(found).endswith("[…cut]")
    assert 32_765 <= len(str(found).encode("utf-16-le")) // 2 <= 32_767
    assert text.startswith(str(found).removesuffix(" […cut]"))


@pytest.mark.parametrize("text", ["x" * 32_767, "😀" * 16_383, "é" * 32_767])
def test_a_text_that_just_fits_is_whole(text: str) -> None:
    assert cells(written("xlsx", ["t"], [[text]])) == [[text]]


def test_characters_that_no_xml_may_hold_are_replaced() -> None:
    data = written("xlsx", ["t\x01"], [["a\x00b\x08c\x1fd\ufffee\uffff"], ["\ud800x"]])

    assert sheet_of(data)["A2"].value == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"
    assert sheet_of(data)["A3"].value == "\ufffdx"


@pytest.mark.parametrize("key", ["csv", "json", "jsonl"])
def test_half_characters_are_replaced(key: str) -> None:
    assert cells(written(key, ["t"], [["a\ud800b"]]), format=key) == [["a?b"]]


def test_a_nul_is_replaced_in_a_csv() -> None:
    assert cells(written("csv", ["t"], [["\0=1"]])) == [["\ufffd=1"]]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Cases", "Cases"),
        ("", "Sheet"),
        ("'", "Sheet"),
        ("[a]:b*c?d/e\\f", "a b c d e f"),
        ("'quoted'", "quoted"),
        ("History", "History 1"),
        ("=cmd|x", "=cmd|x"),
        ("x" * 40, "x" * 31),
        ("😀" * 20, "😀" * 15),
        ("a\r\n\x00b", "a b"),
        ('<&">', '<&">'),
    ],
)
def test_the_title_of_a_sheet_is_one_that_spreadsheets_take(title: str, expected: str) -> None:
    assert sheet_titles(title, 1) == [expected]
    assert sheet_of(written("xlsx", ["a"], [], title=title)).title == expected


def test_titles_of_many_sheets_are_different_and_short() -> None:
    titles = sheet_titles("x" * 40, 12)

    assert len(set(titles)) == 12
    assert max(map(len, titles)) == 31


def test_white_space_at_the_ends_is_marked_as_meant() -> None:
    data = written("xlsx", ["a"], [[" x"], ["x\n"], ["x y"]])

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").count(b'xml:space="preserve"') == 2


def test_equal_tables_give_equal_workbooks() -> None:
    assert written("xlsx", ["a"], [[1]]) == written("xlsx", ["a"], [[1]])


def test_a_workbook_is_compressed_and_needs_no_zip64() -> None:
    data = written("xlsx", ["a"], [["the same text again"]] * 10_000)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {entry.extract_version for entry in archive.infolist()} == {20}
        assert len(data) * 10 < sum(entry.file_size for entry in archive.infolist())


@pytest.mark.parametrize("key", FORMATS)
def test_a_streamed_table_is_the_same_table(key: str) -> None:
    rows = [[number, f"text {number}"] for number in range(500)]
    streamed = b"".join(stream_table(key, ["n", "t"], rows, title="T"))

    assert cells(streamed, format=key) == cells(written(key, ["n", "t"], rows, title="T"), format=key)


@pytest.mark.parametrize("key", FORMATS)
def test_a_streamed_table_is_sent_while_its_rows_are_still_being_made(key: str) -> None:
    made = 0

    def rows() -> Iterator[list[str]]:
        nonlocal made
        for made in range(1, 20_001):
            yield ["some text " * 10, str(made)]

    pieces = stream_table(key, ["t", "n"], rows())

    assert next(pieces)
    assert made < 10_000
    pieces.close()  # type: ignore[attr-defined]
