"""Files made to exhaust or to deceive are refused, or read, within two seconds and little memory."""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from .tables import HEADER_ROW, archive, text_cell, workbook, workbook_parts

SECONDS = 2.0
GROWTH_IN_MB = 40
READ_ALL = """
import json, sys, time
from pathlib import Path
import django
from django.conf import settings
settings.configure()
django.setup()
from case_management.tabular import open_table
from case_management.tabular.errors import TabularError
def peak():  # the kernel's ru_maxrss would count the memory of the parent too
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
before = peak()
start = time.process_time()
count = 0
try:
    with open_table(sys.argv[1]) as table:
        for row in table:
            count += 1
    outcome = "read"
except TabularError as error:
    outcome = error.details.get("limit", error.code)
seconds = time.process_time() - start
print(json.dumps({"outcome": outcome, "rows": count, "seconds": seconds, "grown": peak() - before}))
"""


def with_part(name: str, part: str | bytes, **options: int) -> bytes:
    return archive({**workbook_parts(HEADER_ROW), name: part}, **options)


def sheet_bytes(middle: bytes) -> bytes:
    [start, end] = workbook_parts("|")["xl/worksheets/sheet1.xml"].encode().split(b"|")
    return start + HEADER_ROW.encode() + middle + end


def incompressible(count: int) -> bytes:
    """Lets a long run of the same bytes pass the limit of the ratio."""
    return random.Random(1).randbytes(count).hex().encode()


def zip_bomb() -> bytes:
    return with_part("xl/media/zeros.bin", bytes(300_000_000))


def many_small_bombs() -> bytes:
    return archive({**workbook_parts(HEADER_ROW), **{f"{n}.bin": bytes(1_000_000) for n in range(300)}})


def diluted_bomb() -> bytes:
    """As a whole it is packed no tighter than an honest file."""
    parts: dict[str, str | bytes] = {**workbook_parts(HEADER_ROW), "xl/media/noise.bin": incompressible(3_000_000)}
    parts["xl/worksheets/sheet1.xml"] = sheet_bytes(b"<row/>" * 900_000)
    return archive(parts)


def declared_bomb() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", sheet_bytes(b"<row/>" * 3_000_000))


def lying_bomb() -> bytes:
    """Its directory says that the sheet is small."""
    data = bytearray(with_part("xl/worksheets/sheet1.xml", sheet_bytes(b" " * 100_000_000)))
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[place + 24 : place + 28] = struct.pack("<L", 1_000)
    return bytes(data)


def nested_archive() -> bytes:
    inner = zip_bomb()
    return archive({"_rels/.rels": "<Relationships/>", **{f"{n}.zip": inner for n in range(50)}})


def sparse() -> bytes:
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def late_row() -> bytes:
    return workbook(f'{HEADER_ROW}<row r="1048576">{text_cell("A1048576", "x")}</row>')


def far_column() -> bytes:
    return workbook(f'{HEADER_ROW}<row r="2">{text_cell("XFD2", "x")}</row>')


def billion_laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE worksheet [<!ENTITY l0 "lol">{levels}]>'
    return with_part("xl/worksheets/sheet1.xml", doctype + sheet_bytes(text_cell("A1", "&l9;").encode()).decode())


def external_entity() -> bytes:
    doctype = '<!DOCTYPE worksheet [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    return with_part("xl/worksheets/sheet1.xml", doctype + workbook_parts(HEADER_ROW.replace(">a<", ">&secret;<"))[
        "xl/worksheets/sheet1.xml"
    ])  # fmt: skip


def document_type(part: str) -> Callable[[], bytes]:
    def build() -> bytes:
        return with_part(part, '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + workbook_parts(HEADER_ROW)[part])

    build.__name__ = f"document_type_in_{part}"
    return build


def endless_attribute() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", sheet_bytes(b'<row r="' + incompressible(6_000_000)))


def endless_names() -> bytes:
    names = b"".join(b"<n%d/>" % number for number in range(2_000_000))
    return with_part("xl/worksheets/sheet1.xml", sheet_bytes(names))


def endless_depth() -> bytes:
    return with_part("xl/worksheets/sheet1.xml", sheet_bytes(b"<x>" * 100_000 + b"</x>" * 100_000))


def endless_text() -> bytes:
    text = b'<row><c t="inlineStr"><is><t>' + incompressible(5_000_000)
    return with_part("xl/worksheets/sheet1.xml", sheet_bytes(text))


def endless_shared_text() -> bytes:
    return with_part("xl/sharedStrings.xml", b"<sst><si><t>" + incompressible(5_000_000))


def multiplied_text() -> bytes:
    """Few bytes of the sheet stand for many copies of long texts that are kept on disk."""
    texts = b"".join(b"<si><t>%s</t></si>" % incompressible(45_000) for _ in range(200))
    cells = [b'<c t="s"><v>%d</v></c>' % (number % 200) for number in range(10_000)]
    rows = b"".join(b"<row>%s</row>" % b"".join(cells[start : start + 20]) for start in range(0, 10_000, 20))
    parts: dict[str, str | bytes] = {**workbook_parts("")}
    parts["xl/sharedStrings.xml"] = b"<sst>" + texts + b"</sst>"
    parts["xl/worksheets/sheet1.xml"] = sheet_bytes(rows)
    return archive(parts)


def endless_styles() -> bytes:
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in range(200_000))
    return with_part("xl/styles.xml", f"<styleSheet><cellXfs>{styles}</cellXfs></styleSheet>")


def endless_directory() -> bytes:
    file = io.BytesIO(archive(workbook_parts(HEADER_ROW)))
    with zipfile.ZipFile(file, "a") as zipped:
        for number in range(60_000):
            zipped.writestr(zipfile.ZipInfo(f"{number}"), b"")
    return file.getvalue()


def lzma_packed() -> bytes:
    return archive(workbook_parts(HEADER_ROW), zipfile.ZIP_LZMA)


def same_part_twice() -> bytes:
    file = io.BytesIO(archive(workbook_parts(HEADER_ROW)))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", sheet_bytes(b""))
    return file.getvalue()


def encrypted() -> bytes:
    data = bytearray(archive(workbook_parts(HEADER_ROW)))
    place = data.index(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 1)
    return bytes(data)


def damaged() -> bytes:
    data = bytearray(archive(workbook_parts(HEADER_ROW), zipfile.ZIP_STORED))
    place = data.index(b">a<")
    data[place + 1] = ord("z")
    return bytes(data)


def no_workbook() -> bytes:
    return archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})


def open_quote() -> bytes:
    return b'a,b\n1,"' + b"x,y\n" * 10_000_000


def one_line() -> bytes:
    return b"a,b\n" + b"x" * 45_000_000


def only_commas() -> bytes:
    return b"," * 45_000_000


def only_quotes() -> bytes:
    return b'a,b\n"' + b'\n","' * 11_000_000


def deep_json() -> bytes:
    return b"[" * 45_000_000


def open_json_text() -> bytes:
    return b'[{"a": "' + b"x" * 45_000_000


def many_json_keys() -> bytes:
    return json.dumps([{str(number): 1 for number in range(100_000)}]).encode()


def long_json_number() -> bytes:
    return b'[{"a": ' + b"1" * 45_000_000 + b"}]"


HOSTILE = [
    (zip_bomb, "expansion_ratio"),
    (many_small_bombs, "expansion_ratio"),
    (diluted_bomb, "expansion_ratio"),
    (declared_bomb, "expansion_ratio"),
    (lying_bomb, "table_unreadable"),
    (nested_archive, "table_unreadable"),
    (sparse, "columns"),
    (late_row, "read"),
    (far_column, "columns"),
    (billion_laughs, "table_unreadable"),
    (external_entity, "table_unreadable"),
    *((document_type(part), "table_unreadable") for part in workbook_parts("")),
    (endless_attribute, "table_unreadable"),
    (endless_names, "table_unreadable"),
    (endless_depth, "table_unreadable"),
    (endless_text, "cell_characters"),
    (endless_shared_text, "cell_characters"),
    (multiplied_text, "read"),
    (endless_styles, "table_unreadable"),
    (endless_directory, "archive_entries"),
    (lzma_packed, "table_unreadable"),
    (same_part_twice, "table_unreadable"),
    (encrypted, "table_unreadable"),
    (damaged, "table_unreadable"),
    (no_workbook, "table_unreadable"),
    (open_quote, "cell_characters"),
    (one_line, "row_characters"),
    (only_commas, "row_characters"),
    (only_quotes, "row_characters"),
    (deep_json, "table_unreadable"),
    (open_json_text, "row_characters"),
    (many_json_keys, "columns"),
    (long_json_number, "table_unreadable"),
]


@pytest.mark.parametrize(("build", "outcome"), HOSTILE, ids=[build.__name__ for build, _outcome in HOSTILE])
def test_a_hostile_file_is_dealt_with_quickly_and_in_little_memory(
    build: Callable[[], bytes], outcome: str, tmp_path: Path
) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(build())

    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, path], check=True, capture_output=True, text=True, timeout=30
    )
    found = json.loads(done.stdout)

    assert found["outcome"] == outcome
    assert found["seconds"] <= SECONDS
    assert found["grown"] <= GROWTH_IN_MB


@pytest.mark.parametrize("key", ["csv", "xlsx", "json", "jsonl"])
def test_memory_does_not_grow_with_the_table(key: str, tmp_path: Path) -> None:
    from case_management.tabular import open_writer

    path = tmp_path / f"long.{key}"
    with path.open("wb") as file, open_writer(file, key, ["id", "text"]) as table:
        for number in range(40_000):
            table.write([number, f"{number} " * 40])

    done = subprocess.run([sys.executable, "-c", READ_ALL, path], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)

    assert (found["outcome"], found["rows"]) == ("read", 40_000)
    assert path.stat().st_size > 500_000
    assert found["grown"] <= 6


def test_an_external_entity_leaks_nothing(tmp_path: Path) -> None:
    from case_management.tabular import open_table
    from case_management.tabular.errors import TableUnreadable

    with pytest.raises(TableUnreadable) as caught:
        open_table(io.BytesIO(external_entity()))

    assert "root" not in caught.value.message
