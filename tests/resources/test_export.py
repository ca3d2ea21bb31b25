"""An export has the rows of the person's rights, columns that can come back, and as many queries as it has chunks."""

from __future__ import annotations

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from import_export.fields import Field

from case_management.domain.actor import Actor
from case_management.exceptions import RightMissing, ValueUnknown
from case_management.models import Case, Contact, ContactPoint, Interaction
from case_management.operations import CaseDraft, open_cases, tag_cases
from case_management.resources.case_resource import COLUMNS, CaseResource
from case_management.resources.catalogue import offered_to, offers
from case_management.resources.export_file import export_rows, write_export
from case_management.resources.plan import compile_plan
from case_management.tabular import open_table
from tests.resources.conftest import at, holder, row, take_in

FULL = {
    "description": "It was cold.", "case_type": "Recovery", "priority": "Urgent", "unit_number": "N",
    "team": "Night shift", "assignee": "agent", "contact_email": "ann@example.org", "contact_name": "Ann",
    "tags": "Angry; Calm", "opened_at": at(1).isoformat(), "started_at": at(2).isoformat(), "due_at": at(9).isoformat(),
    "resolved_at": at(3).isoformat(), "closed_at": at(4).isoformat(), "closure_reason": "Solved",
    "closure_note": "A fresh cup was brought.", "resolution_method": "Apology", "close_channel": "Phone",
    "flagged": "true", "escalation_level": "1",
}  # fmt: skip


def exported(user, format="json", query="", key="cases"):
    """The exported table as a list of dicts."""
    file = io.BytesIO()
    write_export(export_rows(user, key, query), format, file, lambda done, total: None)
    file.seek(0)
    if format == "json":
        return json.load(file)
    with open_table(file, format=format) as table:
        return [found.values for found in table]


def test_an_export_shows_a_case_with_everything_that_is_known_of_it(desk):
    take_in(desk.chief, row(**FULL))
    case = Case.objects.get()
    for day, comment, score in ((2, "Still cold!", 3), (1, "My coffee was cold.", 2)):
        Interaction.objects.create(
            source=desk.source, external_id=str(day), case=case, comment=comment, score=score,
            occurred_at=at(day), available_at=at(day),
        )  # fmt: skip
    (shown,) = exported(desk.chief)
    assert shown == {
        "reference": case.reference, "external_id": "A1", "source": "Old desk", "status": "closed", "waiting_for": "",
        "title": "Cold coffee", "topic": "Food", "unit": "North", "contact_external_id": "", "breached_at": None,
        "reopen_count": 0, "first_comment": "My coffee was cold.", "first_score": "2.00",
        **FULL, "flagged": True, "escalation_level": 1,
    }  # fmt: skip
    assert list(shown) == list(COLUMNS)


def test_a_restricted_person_exports_exactly_the_cases_in_reach(desk):
    take_in(
        desk.chief, row(unit_number="N"), row(external_id="A2", unit_number="S"), row(external_id="A3", unit_number="")
    )
    north = holder("north", desk.north, "view_case", "export_case")
    assert [case["external_id"] for case in exported(north)] == ["A1"]
    Case.objects.filter(external_id="A3")
    assert {case["external_id"] for case in exported(desk.chief)} == {"A1", "A2", "A3"}
    reader = holder("reader", None, "view_case")
    with pytest.raises(RightMissing):
        exported(reader)
    north.is_active = False
    with pytest.raises(RightMissing):
        exported(north)
    with pytest.raises(RightMissing):
        list(CaseResource().iter_export())


def test_the_filter_is_that_of_the_list(desk):
    take_in(desk.chief, row(), row(external_id="A2", topic="Seat"))
    assert [case["external_id"] for case in exported(desk.chief, query="topic=seat&status=open")] == ["A2"]
    with pytest.raises(ValueUnknown, match="topik"):
        exported(desk.chief, query="topik=seat")
    with pytest.raises(ValueUnknown):
        exported(desk.chief, key="unit", query="topic=seat")


def test_lists_and_trees_are_exported_too_units_within_reach(desk):
    north = holder("north", desk.north, "export_case", "view_unit")
    desk.north.refresh_from_db()
    desk.north.add_child(number="N1", name="Harbour")
    assert [(unit["number"], unit["parent"]) for unit in exported(north, key="unit")] == [("N", None), ("N1", "N")]
    assert [key for key, _label in offered_to(north)] == ["cases", "unit"]
    assert [entry["name"] for entry in exported(desk.chief, key="priority")] == ["Urgent", "Normal"]
    assert {entry["key"]: entry["category"] for entry in exported(desk.chief, key="tag")} == {
        "angry": "mood",
        "calm": "mood",
    }
    for key in offers:
        exported(desk.chief, key=key)


class WithZone(CaseResource):
    """A host's own columns: one that compiles, one with code of its own."""

    zone = Field("unit__timezone", "zone", readonly=True)
    shout = Field(column_name="shout", readonly=True)

    def dehydrate_shout(self, case):
        return case.title.upper()

    class Meta:
        fields = export_order = (*CaseResource.Meta.fields, "zone", "shout")


def test_compiled_and_instance_by_instance_an_export_is_the_same_cell_by_cell(desk):
    desk.north.timezone = "Europe/Berlin"
    desk.north.save()
    take_in(desk.chief, row(**FULL), {**row(external_id="A2"), **dict.fromkeys(FULL, "")})
    theirs = WithZone(user=desk.chief)
    plain = [name for name in COLUMNS if name != "zone"]
    compiled = CaseResource(user=desk.chief)
    assert compile_plan(compiled, compiled.export_columns()) is not None
    assert compile_plan(theirs, theirs.export_columns()) is None
    whole = list(theirs.iter_export())
    assert [shown[: len(plain)] for shown in whole] == list(compiled.iter_export())
    assert [shown[-2:] for shown in whole] == [["Europe/Berlin", "COLD COFFEE"], ["", "COLD COFFEE"]]
    assert compile_plan(theirs, theirs.export_columns(["reference", "zone"])) is not None
    assert theirs.export(export_fields=["title", "zone"]).dict == [
        {"title": "Cold coffee", "zone": "Europe/Berlin"},
        {"title": "Cold coffee", "zone": ""},
    ]


def test_the_number_of_queries_does_not_grow_with_the_rows_of_a_chunk(desk):
    def queries_for(count):
        drafts = [
            CaseDraft(
                title=f"Case {number}", topic=desk.food, source=desk.source, unit=desk.north, 
                external_id=f"{count}-{number}", contact=Contact.objects.create(name=f"Contact {number}"),
            )
            for number in range(count)
        ]  # fmt: skip
        opened = open_cases(drafts, by=Actor.system("test"))
        tag_cases([case.pk for case in opened], add=[desk.angry], by=Actor.system("test"))
        points = [
            ContactPoint(contact=case.contact, kind="email", value="a@b.c", normalised="a@b.c") for case in opened
        ]
        ContactPoint.objects.bulk_create(points)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(exported(desk.chief)) >= count
        return len(captured)

    assert queries_for(3) == queries_for(60)


def test_no_right_means_no_row_whatever_the_resource_is_asked(desk):
    nobody = holder("nobody", desk.north, "export_case")
    take_in(desk.chief, row(unit_number="S"))
    assert list(CaseResource(user=nobody).iter_export()) == []
    assert CaseResource(user=nobody).export().height == 0
