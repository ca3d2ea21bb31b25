"""Texts that a spreadsheet would run as formulas: harmless in what goes out, unchanged in what comes back."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from case_management.models import Case
from case_management.resources.export_file import export_rows, write_export
from tests.resources.conftest import row, take_file_in, take_in

DANGEROUS = [
    "=1+1", "+49 30 123", "-2", "@SUM(A1)", "\t=1", "＝1", "＋1", "－1", "＠A1", " =cmd|' /C calc'!A0",
    '"=1+1"', "'=1+1", "=HYPERLINK(\"http://evil.example\")", "line\n=1+1", "﻿=1",
]  # fmt: skip
STARTS = tuple("=+-@\t\r\n＝＋－＠")


@pytest.fixture
def cases(desk):
    """One case per text, which stands in title, description, tag and contact."""
    rows = [
        {**row(external_id=f"A{number}"), "description": text, "contact_name": text, "team": text.strip()}
        for number, text in enumerate(DANGEROUS)
    ]
    for values in rows:
        values["title"] = values["description"]
    tally = take_in(desk.chief, *rows, create_missing=True)
    assert (tally.created, tally.notes) == (len(DANGEROUS), [])
    return desk


def written(desk, format):
    file = io.BytesIO()
    write_export(export_rows(desk.chief, "cases", ""), format, file, lambda done, total: None)
    return file.getvalue()


def test_no_cell_of_a_csv_starts_like_a_formula(cases):
    for record in csv.reader(io.StringIO(written(cases, "csv").decode("utf-8-sig"), newline="")):
        for cell in record:
            assert not cell.lstrip(" \u00a0\ufeff").startswith(STARTS), cell


def test_a_workbook_holds_texts_and_never_formulas_or_links(cases):
    sheet = openpyxl.load_workbook(io.BytesIO(written(cases, "xlsx"))).active
    found = [cell for line in sheet.iter_rows() for cell in line]
    assert not [cell.coordinate for cell in found if cell.data_type == "f" or cell.hyperlink]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "jsonl"])
def test_what_went_out_guarded_comes_back_as_it_was(cases, format):
    before = list(Case.objects.order_by("pk").values_list("title", "description", "contact__name", "team__name"))
    tally = take_file_in(cases.chief, written(cases, format))
    assert (tally.unchanged, [note for note in tally.notes if note.refused]) == (len(DANGEROUS), [])
    assert (
        list(Case.objects.order_by("pk").values_list("title", "description", "contact__name", "team__name")) == before
    )
