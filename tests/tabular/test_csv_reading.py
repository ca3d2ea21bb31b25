"""CSV of every usual dialect is read as it is meant, and a bad row is named, not fatal."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from case_management.tabular import Limits, open_table
from case_management.tabular.csv_reader import sniff_delimiter
from case_management.tabular.errors import HeadersInvalid, LimitExceeded, TableUnreadable
from tests.conftest import SHARED_DATA

from .tables import cells, read

SPECTRUM = SHARED_DATA / "csv_spectrum"
BOSTON = SHARED_DATA / "boston311"
# Its expected values do not belong to its CSV file: another telephone number and other coordinates.
WRONG_IN_THE_CORPUS = {"location_coordinates"}


def spectrum_names() -> list[str]:
    return sorted(path.stem for path in (SPECTRUM / "csvs").glob("*.csv")) or ["none"]


@pytest.mark.data
@pytest.mark.parametrize("name", spectrum_names())
def test_the_conformance_corpus_is_read_as_expected(name: str) -> None:
    expected = json.loads((SPECTRUM / "json" / f"{name}.json").read_text())

    with open_table(SPECTRUM / "csvs" / f"{name}.csv") as table:
        found = [row.values for row in table if row.problem is None]

    if name in WRONG_IN_THE_CORPUS:
        assert [list(row) for row in found] == [list(expected)]
    else:
        assert found == expected


@pytest.mark.data
def test_the_same_table_is_read_from_every_delimiter() -> None:
    tables = []
    for extension in ("csv", "ssv", "tsv"):
        with open_table(BOSTON / f"NYC311-5.{extension}") as table:
            tables.append([table.headers, *table])

    assert tables[0] == tables[1] == tables[2]
    assert (len(tables[0][0]), len(tables[0]) - 1) == (41, 5)


@pytest.mark.data
def test_a_real_export_of_requests_is_read_whole() -> None:
    with open_table(BOSTON / "boston311-100.csv") as table:
        rows = list(table)

    assert len(rows) == 100
    assert not [row for row in rows if row.problem]
    assert rows[0].values["case_enquiry_id"] == "101004143000"


@pytest.mark.data
def test_the_one_damaged_row_of_a_real_export_is_named() -> None:
    with open_table(BOSTON / "boston311-100-bad.tsv") as table:
        bad = [row for row in table if row.problem]

    assert [(row.number, len(row.surplus)) for row in bad] == [(41, 1)]
    assert "Row 41 has 30 cells, but the header has 29" in str(bad[0].problem)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "lines",
    [
        [["a", "b", "c"]],
        [["a", "b", "c"], ["1", "2", "3"]],
        [["name, first", "name; last", "x|y"], ["1", "2", "3"]],
        [["id", "price", "note"], ["1", "3,50", "a;b"], ["2", "4,10", "c|d"], ["3", "1,99", "e\tf"]],
        [["id", "text"], ["1", "one, two; three | four"], ["2", "five; six"], ["3", ""]],
    ],
)
def test_the_delimiter_is_found(delimiter: str, lines: list[list[str]]) -> None:
    quoted = [[f'"{cell}"' if set(cell) & set(",;\t|") else cell for cell in line] for line in lines]
    text = "\r\n".join(delimiter.join(line) for line in quoted)

    assert sniff_delimiter(text) == delimiter


def test_unquoted_decimal_commas_do_not_hide_the_semicolon() -> None:
    assert cells(b"id;price;name\n1;3,50;x\n2;4,10;y\n") == [["1", "3,50", "x"], ["2", "4,10", "y"]]


def test_one_column_needs_no_delimiter() -> None:
    assert read(b"name\nAnn\n\nBob\n")[1][1].number == 4


def test_a_delimiter_is_found_in_a_file_longer_than_the_sample() -> None:
    data = b"a;b;c\n" + b"1;2,5;x\n" * 20_000

    assert len(cells(data)) == 20_000


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("\ufeffnäme,ort\r\nJörg,Köln\r\n".encode(), None),
        ("näme,ort\r\nJörg,Köln\r\n".encode(), None),
        ("näme,ort\r\nJörg,Köln\r\n".encode("utf-16"), None),
        ("\ufeffnäme,ort\r\nJörg,Köln\r\n".encode("utf-16-be"), None),
        ("näme,ort\r\nJörg,Köln\r\n".encode("cp1252"), "cp1252"),
        ("\ufeffnäme,ort\r\nJörg,Köln\r\n".encode(), "cp1252"),
    ],
)
def test_the_encoding_is_found_or_taken_from_the_caller(data: bytes, encoding: str | None) -> None:
    headers, rows = read(data, encoding=encoding)

    assert headers == ["näme", "ort"]
    assert rows[0].values == {"näme": "Jörg", "ort": "Köln"}


def test_bytes_of_another_encoding_are_refused_with_the_mend() -> None:
    data = b"name\n" + b"plain\n" * 30_000 + "Jörg\n".encode("cp1252")

    with pytest.raises(TableUnreadable, match=r"UTF-8: byte 0xf6 .* after row \d+.*Windows-1252"):
        read(data)


def test_an_encoding_that_is_not_read_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="cp1252"):
        read(b"a\n", encoding="utf-7")


def test_row_numbers_are_lines_of_the_file() -> None:
    data = b'\r\nid,text\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n,\r\n3,"a\nb\nc"\r\n4,y'

    assert [row.number for row in read(data)[1]] == [3, 6, 8, 11]


def test_ragged_rows_are_problems_that_name_row_and_counts() -> None:
    _headers, rows = read(b"a,b,c\n1,2,3\n1,2\n1,2,3,4,5\n4,5,6\n")

    assert [row.problem is None for row in rows] == [True, False, False, True]
    assert "Row 3 has 2 cells, but the header has 3" in str(rows[1].problem)
    assert "Row 4 has 5 cells, but the header has 3" in str(rows[2].problem)
    assert rows[1].values == {"a": "1", "b": "2", "c": ""}
    assert rows[2].surplus == ("4", "5")


@pytest.mark.parametrize("bad", ['1,"x"y,3', '1,"open', "1,x\0y,3", '1,"x\0\ny",3'])
def test_a_broken_row_is_a_problem_and_the_next_ones_are_read(bad: str) -> None:
    data = f"a,b,c\n{bad}\n7,8,9\n".encode()

    _headers, rows = read(data)

    assert rows[0].number == 2
    assert "Row 2" in str(rows[0].problem)
    if '"open' not in bad:
        assert rows[-1].values == {"a": "7", "b": "8", "c": "9"}
        assert rows[-1].problem is None


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "missing"),
        (b"\r\n\r\n", "missing"),
        (b"a,,c\n1,2,3\n", "column 2 has no name"),
        (b"a,b,a\n1,2,3\n", "columns 1 and 3 are both named “a”"),
        (b"a,b\0\n1,2\n", "NUL"),
        (b'a,"b\n1,2\n', "quotation mark"),
        ("a,b\n1,2\n".encode("utf-16-le"), "NUL"),
    ],
)
def test_a_header_row_that_cannot_be_used_is_refused_with_its_fault(data: bytes, fault: str) -> None:
    with pytest.raises(HeadersInvalid, match=fault):
        read(data, format="csv")


def test_headers_keep_their_spelling() -> None:
    assert read("\ufeff  Case ID ,OPENED at,näme\n1,2,3\n".encode())[0] == ["  Case ID ", "OPENED at", "näme"]


@pytest.mark.parametrize(
    ("data", "limits", "limit"),
    [
        (b"a\n" + b"1\n" * 11, Limits(rows=10), "rows"),
        (b"a,b,c\n", Limits(columns=2), "columns"),
        (b"a\n" + b"x" * 11, Limits(cell_characters=10), "cell_characters"),
        (b"a" * 11, Limits(cell_characters=10), "cell_characters"),
        (b"a\n" + b'"' + b"x\n" * 100_000, Limits(), "cell_characters"),
        (b"a\n" + b"x" * 200_000, Limits(), "cell_characters"),
        (b"a,b\n" + b"," * 2_000_001, Limits(), "row_characters"),
        (b'a,b\n"' + b'\n","' * 1_000_000, Limits(), "row_characters"),
        (b"a\n" + b"1\n" * 100, Limits(file_bytes=100), "file_bytes"),
    ],
)
def test_a_limit_names_itself_the_value_and_the_mend(data: bytes, limits: Limits, limit: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        read(data, limits=limits)

    details = caught.value.details
    assert details["limit"] == limit
    assert details["value"] > details["allowed"] == getattr(limits, limit)
    assert f"(limit: {limit})" in caught.value.message
    assert f"{details['allowed']:,}" in caught.value.message
    assert caught.value.code == "table_limit_exceeded"


def test_a_stream_is_not_copied_beyond_its_limit() -> None:
    class Endless(io.RawIOBase):
        def seekable(self) -> bool:
            return False

        def read(self, size: int = -1) -> bytes:
            return b"x" * size

    with pytest.raises(LimitExceeded, match="file_bytes"):
        open_table(Endless(), limits=Limits(file_bytes=1_000_000))  # type: ignore[arg-type]


def test_a_limit_of_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="rows"):
        Limits(rows=0)


def test_texts_that_look_guarded_lose_exactly_one_quote() -> None:
    assert cells(b"a,b,c,d\n'=1,''=1,'tis,'+49\n") == [["=1", "'=1", "'tis", "+49"]]


def test_a_first_row_longer_than_the_sample_does_not_hide_the_delimiter() -> None:
    assert read(b"a;b\n" + b"x" * 70_000 + b";y\n")[0] == ["a", "b"]


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50_000 + b"1,\xff\n")

    with open_table(path) as table:
        assert next(iter(table)).values == {"a": "1", "b": "2"}
