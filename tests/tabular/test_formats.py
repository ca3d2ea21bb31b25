"""The format of a file is found from what it holds, and what is no table is refused by name."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest

from case_management.tabular import FORMATS, open_table, open_writer
from case_management.tabular.errors import FormatUnknown, HeadersInvalid, TableUnreadable

from .tables import archive, written


@pytest.mark.parametrize("key", FORMATS)
def test_a_format_is_recognised_without_a_name(key: str) -> None:
    with open_table(io.BytesIO(written(key, ["a", "b"], [[1, 2]]))) as table:
        assert table.format == key


@pytest.mark.parametrize("key", FORMATS)
def test_a_file_is_read_by_its_path(key: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{FORMATS[key].extension}"
    path.write_bytes(written(key, ["a", "b"], [["x", "y"]]))

    with open_table(path) as by_path, open_table(str(path), format=key) as by_format:
        assert [row.values for row in by_path] == [row.values for row in by_format] == [{"a": "x", "b": "y"}]


def test_a_workbook_under_the_name_of_a_text_is_still_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(written("xlsx", ["a"], [["x"]]))

    with open_table(path) as table:
        assert table.format == "xlsx"


def test_a_header_named_pk_is_no_archive() -> None:
    with open_table(io.BytesIO(b"PK,name\r\n1,x\r\n")) as table:
        assert table.headers == ["PK", "name"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"%YAML 1.2\n---\n- a: 1\n",
        b"---\n- !!python/object/apply:os.system ['true']\n",
        b"<table><tr><td>a</td></tr></table>",
        b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>",
        "<html></html>".encode("utf-16"),
        pickle.dumps([{"a": 1}]),
        b"\x1f\x8b\x08\x00",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(FormatUnknown, match="CSV, XLSX, JSON, JSON Lines") as caught:
        open_table(io.BytesIO(content))

    assert caught.value.code == "table_format_unknown"


@pytest.mark.parametrize("name", ["cases.yaml", "cases.yml", "cases.xls", "cases.ods", "cases.html"])
def test_a_name_of_another_format_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("a,b\n1,2\n")

    with pytest.raises(FormatUnknown, match=path.suffix):
        open_table(path)


@pytest.mark.parametrize(("key", "content"), [("xlsx", b"a,b\n1,2\n"), ("csv", archive({"a": "b"}))])
def test_a_file_that_is_not_what_it_was_said_to_be_is_refused(key: str, content: bytes) -> None:
    with pytest.raises(TableUnreadable, match="format"):
        open_table(io.BytesIO(content), format=key)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(FormatUnknown, match="ods"):
        open_table(io.BytesIO(b"a\n"), format="ods")
    with pytest.raises(FormatUnknown, match="ods"):
        open_writer(io.BytesIO(), "ods", ["a"])


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ([], "missing"),
        (["a", " "], "column 2 has no name"),
        (["a", "b", "a "], "columns 1 and 3"),
    ],
)
@pytest.mark.parametrize("key", FORMATS)
def test_no_table_is_written_that_could_not_be_read(key: str, headers: list[str], fault: str) -> None:
    with pytest.raises(HeadersInvalid, match=fault):
        open_writer(io.BytesIO(), key, headers)


@pytest.mark.parametrize("key", FORMATS)
def test_a_file_that_cannot_be_sought_is_read_too(key: str) -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_arguments: int) -> int:
            raise io.UnsupportedOperation

    stream = Stream(written(key, ["a"], [["x"]]))

    with open_table(stream) as table:
        assert [row.values for row in table] == [{"a": "x"}]


@pytest.mark.parametrize("key", FORMATS)
def test_the_callers_file_stays_open(key: str) -> None:
    file = io.BytesIO(written(key, ["a"], [["x"], ["y"]]))

    for count in range(3):
        with open_table(file) as table:
            for _row, _number in zip(table, range(count), strict=False):
                pass
        del table
        assert not file.closed
