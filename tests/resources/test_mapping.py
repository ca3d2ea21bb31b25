"""A mapping says how a foreign file is read, and says by name what is wrong with itself."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from case_management.exceptions import InvalidConfiguration
from case_management.models import Case, CaseEvent, ClosureReason, Topic, Unit
from case_management.resources.header_check import HeaderRefused
from case_management.resources.mapping import load_mapping, parse_mapping, shipped_mappings
from case_management.timeline import chain
from tests.resources.conftest import row, take_in

OLD_DESK = """
timezone = "Europe/Berlin"
dates = ["%d.%m.%Y %H:%M"]

[columns]
external_id = "no"
title = "subject"
topic = ["group", "kind"]
opened_at = "came in"
description = ["text", "more"]
status = "state"

[defaults]
source = "Old desk"

[values.status]
"Done" = "closed"
"In *" = "in_progress"
"*" = "open"
"In der Mache*" = "new"
"""


def test_columns_dates_values_and_defaults_are_translated(desk):
    mapping = dict(sorted(parse_mapping(OLD_DESK).as_written.items()))
    mapping["values"] = {"status": dict(sorted(mapping["values"]["status"].items()))}
    Topic.objects.get(key="food").add_child(name="Soup", key="soup")
    theirs = {"no": "7", "subject": "Cold", "group": "Food", "kind": "Soup", "came in": "01.07.2024 12:00"}
    tally = take_in(desk.chief, theirs | {"text": "too", "more": "cold", "state": "In Arbeit"}, **mapping)
    assert (tally.created, tally.notes) == (1, [])
    case = Case.objects.get()
    assert (case.topic.key, case.source, case.status, case.description) == (
        "soup",
        desk.source,
        "in_progress",
        "too cold",
    )
    assert case.opened_at == datetime(2024, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name =", "no valid TOML"),
        ("colums = {}", "unknown key “colums”"),
        ("columns = []", "type dict"),
        ('timezone = "Mars/Base"', "no time zone"),
        ('[values]\nstatus = "new"', "as a table"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_what_is_wrong(text, said):
    with pytest.raises(InvalidConfiguration, match=said):
        parse_mapping(text)


@pytest.mark.parametrize("name", ["no_such_mapping", "/no/such/file.toml", "../pyproject"])
def test_a_mapping_that_is_not_there_names_those_that_are(name):
    with pytest.raises(InvalidConfiguration, match="boston311"):
        load_mapping(name)


@pytest.mark.parametrize("column", ["colour", "reopen_count", "id", "version"])
def test_a_mapping_sets_no_column_that_a_file_may_not_set(desk, column):
    with pytest.raises(HeaderRefused, match=column):
        take_in(desk.chief, row(x="1"), columns={"title": "title", column: "x"})


def test_every_shipped_mapping_can_be_used():
    assert [load_mapping(key).as_written["name"] for key in shipped_mappings()] == list(shipped_mappings().values())


@pytest.mark.data
def test_the_city_of_boston_comes_in_as_it_is_and_a_second_time_nothing_happens(desk, shared_data):
    def run(file, *options):
        out = io.StringIO()
        call_command(
            "import_cases", shared_data / "boston311" / file, "--mapping=boston311", "--json=-", *options, stdout=out
        )
        found = json.loads(out.getvalue())
        return [found[name] for name in ("rows", "created", "updated", "unchanged", "refused")]

    assert run("boston311-100.csv", "--dry-run") == [100, 100, 0, 0, 0]
    assert not Case.objects.exists()
    assert run("boston311-100.csv") == [100, 100, 0, 0, 0]
    events = CaseEvent.objects.count()
    assert run("boston311-100.csv") == [100, 0, 0, 100, 0]
    assert run("boston311-100.jsonl") == [100, 0, 0, 100, 0]
    assert run("boston311-100-20dupes-random.csv") == [100, 0, 0, 100, 0]
    assert CaseEvent.objects.count() == events
    assert (Case.objects.filter(status="closed").count(), Case.objects.open().count()) == (85, 15)
    assert Case.objects.filter(due_at=None).count() == 11
    needle = Case.objects.get(external_id="101004130437")
    assert (needle.opened_at, needle.resolved_at) == (
        datetime(2022, 1, 19, 16, 18, tzinfo=UTC),
        datetime(2022, 1, 19, 16, 42, 16, tzinfo=UTC),
    )
    assert set(ClosureReason.objects.values_list("name", flat=True)) == {
        "Solved", "Duplicate", "Invalid", "Noted", "Resolved", "Resolved by automation", "Other outcome",
    }  # fmt: skip
    assert Unit.objects.filter(number="PWDx").exists()
    assert chain.verify(Case.objects.all()) == []


@pytest.mark.data
def test_late_and_timely_requests_are_told_apart_as_the_city_does(desk, shared_data):
    path = shared_data / "boston311" / "boston311-100.csv"
    call_command("import_cases", path, "--mapping=boston311", stdout=io.StringIO())
    with path.open(newline="") as file:
        closed = [found for found in csv.DictReader(file) if found["target_dt"] and found["closed_dt"]]
    late = {found["case_enquiry_id"] for found in closed if found["ontime"] == "OVERDUE"}
    ours = set(Case.objects.done().exclude(breached_at=None).values_list("external_id", flat=True))
    assert (len(closed), ours) == (77, late)


@pytest.mark.data
@pytest.mark.parametrize("file", ["boston311-dmy-100.csv", "boston311-100-bad.tsv"])
def test_a_damaged_or_foreign_variant_is_refused_row_by_row(desk, shared_data, file):
    with pytest.raises(CommandError, match="rows were refused") as refusal:
        call_command("import_cases", shared_data / "boston311" / file, "--mapping=boston311", stdout=io.StringIO())
    assert refusal.value.returncode == 3
