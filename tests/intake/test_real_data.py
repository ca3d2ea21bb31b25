"""Real files, imported as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from case_management.intake.importing import Tally, import_responses
from case_management.intake.mapping import load_mapping
from case_management.models import Contact, Interaction, Unit

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def run(path: Path, mapping: str) -> tuple[int, int, int]:
    tally: Tally = import_responses(path, load_mapping(mapping))
    return tally.new, tally.known, tally.failed


def test_airline_seat_reviews_are_stored_once(shared_data: Path) -> None:
    path = shared_data / "skytrax_seat" / "seat.csv"

    assert run(path, "skytrax_seat") == (1258, 0, 0)
    assert run(path, "skytrax_seat") == (0, 1258, 0)

    rows = Interaction.objects.all()
    assert rows.count() == 1258
    assert rows.filter(score=1).count() == 361
    assert rows.filter(score=10).count() == 45
    assert rows.filter(score=None).count() == 1
    assert (rows.filter(recommended=True).count(), rows.filter(recommended=False).count()) == (458, 800)
    assert rows.filter(wants_contact=True).count() == 695
    assert Unit.objects.get(number="airlines").get_children_count() == 97
    assert not rows.filter(occurred_at__year=1970).exists()
    assert max(rows.filter(occurred_at__year__lt=2020).values_list("occurred_at", flat=True)).year == 2015
    assert not Contact.objects.exists()
    assert not any("author" in raw for raw in rows.values_list("raw", flat=True))
    assert all("author_country" in raw for raw in rows.values_list("raw", flat=True))


def test_city_requests_are_the_same_in_csv_and_json_lines(shared_data: Path) -> None:
    boston = shared_data / "boston311"

    assert run(boston / "boston311-100.csv", "boston311") == (100, 0, 0)
    assert run(boston / "boston311-100.jsonl", "boston311") == (0, 100, 0)
    assert Unit.objects.get(number="boston").get_children_count() == 7
    assert str(Interaction.objects.get(external_id="101004143000").occurred_at) == "2022-01-21 18:47:00+00:00"


def test_duplicates_in_a_file_are_known(shared_data: Path) -> None:
    new, known, failed = run(shared_data / "boston311" / "boston311-100-20dupes-random.csv", "boston311")

    assert (new + known, failed) == (100, 0)
    assert new == Interaction.objects.count() == 80


def test_a_damaged_row_is_named_and_the_others_are_taken_in(shared_data: Path) -> None:
    tally = import_responses(shared_data / "boston311" / "boston311-100-bad.tsv", load_mapping("boston311"))

    assert (tally.new, tally.failed) == (99, 1)
    assert [fault.row for fault in tally.faults] == [41]
    assert "30 cells" in tally.faults[0].message


def test_days_before_months_fail_with_the_format_that_is_wanted(shared_data: Path) -> None:
    tally = import_responses(shared_data / "boston311" / "boston311-dmy-100.csv", load_mapping("boston311"))

    assert (tally.new, tally.failed) == (0, 100)
    assert {fault.column for fault in tally.faults} == {"open_dt"}
