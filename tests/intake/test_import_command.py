"""A file is taken in row by row: good rows once, bad rows named, and it can always be imported again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from case_management.models import Contact, Interaction, Source, Unit

pytestmark = pytest.mark.django_db

MAPPING = """
missing = ["?", "N/A"]
drop = ["author"]
visit = ["table"]
[source]
key = "survey"
name = "Survey"
[fields]
occurred_at = { column = "day", format = "%d/%m/%Y", time_zone = "Europe/Berlin" }
score = { column = "rating", min = 1, max = 10 }
recommended = "again"
comment = "text"
[unit]
number = "place"
create_units = true
below = { number = "all", name = "All places" }
[contact]
email = "mail"
country = "country"
[answers]
food = { label = "How was the food?", kind = "number" }
[follow_up]
recommended = false
score_at_most = 4
"""
HEADER = "day,rating,again,text,place,mail,country,food,table,author\n"
GOOD = '01/03/2026,2.0,no,"Cold, and late",P1,ana@example.org,DE,1,7,Ana Silva\n'


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "survey.toml"
    path.write_text(MAPPING)
    return path


def run(path: Path, mapping: Path | str, **options: Any) -> tuple[str, str, int]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_responses", str(path), mapping=str(mapping), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", error.returncode
    return out.getvalue(), err.getvalue(), 0


def write(tmp_path: Path, *rows: str, name: str = "answers.csv") -> Path:
    path = tmp_path / name
    path.write_text(HEADER + "".join(rows))
    return path


def test_a_row_becomes_a_response(tmp_path: Path, mapping: Path) -> None:
    out, err, code = run(write(tmp_path, GOOD), mapping)

    row = Interaction.objects.get()
    assert (code, out.strip()) == (0, "1 row: 1 new, 0 known, 0 failed.")
    assert "1 row read" in err
    assert row.occurred_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert (row.score, row.recommended, row.wants_contact) == (Decimal(2), False, True)
    assert (row.comment, row.answers, row.visit) == ("Cold, and late", {"How was the food?": 1}, {"table": "7"})
    assert str(row.unit) == "P1"
    assert Unit.objects.get(number="all").get_children().get() == row.unit
    assert row.contact is not None
    assert (row.contact.name, row.contact.country) == ("", "DE")
    assert Source.objects.get().name == "Survey"


def test_dropped_columns_are_kept_nowhere(tmp_path: Path, mapping: Path) -> None:
    run(write(tmp_path, GOOD), mapping)

    row = Interaction.objects.get()
    assert "Ana Silva" not in json.dumps([row.raw, row.answers, row.visit, row.title, row.comment])
    assert row.raw["rating"] == "2.0"
    assert not Contact.objects.exclude(name="").exists()


def test_only_a_dropped_name_tells_two_responses_apart(tmp_path: Path, mapping: Path) -> None:
    run(write(tmp_path, GOOD, GOOD.replace("Ana Silva", "Eve Stone")), mapping)

    assert Interaction.objects.count() == 2


@pytest.mark.parametrize("nothing", ["", " ", "?", "N/A", "  ?  "])
def test_what_stands_for_nothing_is_nothing(tmp_path: Path, mapping: Path, nothing: str) -> None:
    before = timezone.now()

    _out, err, code = run(write(tmp_path, ",".join([nothing] * 9) + ",x\n"), mapping)

    row = Interaction.objects.get()
    assert code == 0, err
    assert (row.score, row.recommended, row.comment, row.answers, row.visit) == (None, None, "", {}, {})
    assert (row.unit, row.contact, row.wants_contact) == (None, None, False)
    assert row.occurred_at >= before


@pytest.mark.parametrize(
    ("rating", "again", "wanted"), [("4", "no", True), ("5", "no", False), ("4", "yes", False), ("?", "no", False)]
)
def test_the_follow_up_condition_decides_who_wants_contact(
    tmp_path: Path, mapping: Path, rating: str, again: str, wanted: bool
) -> None:
    run(write(tmp_path, f"01/03/2026,{rating},{again},,,,,,,\n"), mapping)

    assert Interaction.objects.get().wants_contact is wanted


def test_bad_rows_are_named_and_the_others_go_on(tmp_path: Path, mapping: Path) -> None:
    path = write(
        tmp_path,
        GOOD,
        "31/02/2026,11,maybe,x,P1,nomail,DE,many,7,A\n",
        "01/03/2026,3,no,x,P1,a@example.org,DE,1,7,A,surplus\n",
        GOOD.replace("2.0", "9"),
    )
    report = tmp_path / "report.json"

    out, err, code = run(path, mapping, json=report)

    assert code == 1
    assert "4 rows: 2 new, 0 known, 2 failed." in out
    for place in ("row 3, column day", "row 3, column rating", "row 3, column again", "row 3, column mail",
                  "row 3, column food", "row 4: "):  # fmt: skip
        assert place in err
    assert "Write a number from 1 to 10." in err
    assert "Write it as 31/03/2026." in err
    assert Interaction.objects.count() == 2
    told = json.loads(report.read_text())
    assert (told["rows"], told["new"], told["known"], told["failed"]) == (4, 2, 0, 2)
    assert {fault["row"] for fault in told["faults"]} == {3, 4}
    assert all(fault["message"] and fault["mend"] for fault in told["faults"])


def test_the_same_file_again_and_a_mended_file_store_only_what_is_new(tmp_path: Path, mapping: Path) -> None:
    bad = write(tmp_path, GOOD, GOOD.replace("2.0", "99"))
    run(bad, mapping)

    again, _err, code = run(bad, mapping)
    mended, _err, mended_code = run(write(tmp_path, GOOD, GOOD.replace("2.0", "9")), mapping)

    assert (code, mended_code) == (1, 0)
    assert "0 new, 1 known, 1 failed" in again
    assert "1 new, 1 known, 0 failed" in mended


def test_a_dry_run_counts_what_a_run_would_store_and_stores_nothing(tmp_path: Path, mapping: Path) -> None:
    path = write(tmp_path, GOOD, GOOD, GOOD.replace("2.0", "9"), GOOD.replace("2.0", "99"))

    dry, _err, dry_code = run(path, mapping, dry_run=True)
    nothing = [model.objects.count() for model in (Interaction, Source, Unit, Contact)]
    real, _err, code = run(path, mapping)
    after, _err, _code = run(path, mapping, dry_run=True)

    assert nothing == [0, 0, 0, 0]
    assert dry == f"Nothing was stored (dry run). {real}"
    assert (dry_code, code) == (1, 1)
    assert "0 new, 3 known, 1 failed" in after


def test_chunks_are_counted_together(tmp_path: Path, mapping: Path, settings: Any) -> None:
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 3}
    rows = [GOOD.replace("Cold", f"Cold {n % 6}") for n in range(8)]

    dry, _err, _code = run(write(tmp_path, *rows), mapping, dry_run=True)
    out, err, _code = run(write(tmp_path, *rows), mapping)

    assert out == dry.replace("Nothing was stored (dry run). ", "") == "8 rows: 6 new, 2 known, 0 failed.\n"
    assert [line for line in err.splitlines() if "rows read" in line] == [
        "3 rows read …", "6 rows read …", "8 rows read …"
    ]  # fmt: skip


def test_without_leave_to_make_units_an_unknown_unit_is_a_bad_row(tmp_path: Path, mapping: Path) -> None:
    mapping.write_text(MAPPING.replace("create_units = true", "create_units = false"))
    Unit.add_root(number="P1", name="Harbour")

    out, err, code = run(write(tmp_path, GOOD, GOOD.replace("P1", "P2")), mapping)

    assert (code, "1 new, 0 known, 1 failed" in out) == (1, True)
    assert "row 3, column place: There is no unit with the number “P2”." in err
    assert list(Unit.objects.values_list("number", flat=True)) == ["P1"]


def test_a_file_that_breaks_off_keeps_what_was_read_before(tmp_path: Path, mapping: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes((HEADER + GOOD).encode() + b"x" * 100_000 + b"\xff\xfe,broken\n")

    _out, err, code = run(path, mapping)

    assert code == 1
    assert Interaction.objects.count() == 1, err


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "[1"), ("a.csv", ""), ("a.csv", "a,a\n1,2\n"), ("a.xls", "x")]
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, mapping: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)

    out, err, code = run(path, mapping)

    assert (out, code) == ("", 1)
    assert err
    assert "Traceback" not in err


def test_a_file_that_is_not_there_and_a_mapping_that_is_not_there_are_named(tmp_path: Path, mapping: Path) -> None:
    assert "nosuch.csv" in run(tmp_path / "nosuch.csv", mapping)[1]
    assert "There is no mapping" in run(write(tmp_path, GOOD), "nosuch")[1]


def test_another_source_of_the_same_name_is_not_taken_over(tmp_path: Path, mapping: Path) -> None:
    Source.objects.create(key="old-survey", name="Survey")

    _out, err, code = run(write(tmp_path, GOOD), mapping)

    assert code == 1
    assert 'Another source is named "Survey"' in err


def test_json_lines_are_read_like_csv(tmp_path: Path, mapping: Path) -> None:
    values = dict(zip(HEADER.strip().split(","), ["01/03/2026", 2, False, "Cold", "P1", None, "DE", 1, None, "A"],
                      strict=True))  # fmt: skip
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(values) + "\n")

    _out, err, code = run(path, mapping)

    row = Interaction.objects.get()
    assert code == 0, err
    assert (row.score, row.recommended, row.wants_contact) == (Decimal(2), False, True)
    assert (row.raw["rating"], "author" in row.raw) == (2, False)
