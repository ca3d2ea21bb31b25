"""The case's history says in words what changed in its custom fields."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models
from case_management.operations import set_custom_fields
from case_management.timeline.wording import details, names_for, sentence


def told(case):
    events = list(models.CaseEvent.objects.filter(case=case, type="fields_changed").order_by("seq"))
    names = names_for(events)
    return [(sentence(stored, names), details(stored, names)) for stored in events]


def test_values_are_told_by_todays_labels_and_texts_only_by_name(fields, desk, case):
    set_custom_fields(case, {"baggage": "lost", "expert": desk.agent, "seat": "12A", "vouchered": True}, by=desk.by)
    set_custom_fields(case, {"baggage": None}, by=desk.by)
    fields.choice.name, fields.choice.options = "Bag", [{"key": "lost", "label": "Mislaid"}]
    fields.choice.save()
    first, second = told(case)
    assert first[0] == "Bag set to Mislaid; Expert set to Ann Okafor; Vouchered set to yes; Seat changed"
    assert ("Bag", "Mislaid") in first[1]
    assert ("Seat", "changed") in first[1]
    assert second == ("Bag cleared", [("Bag", "–")])


def test_what_was_deleted_since_keeps_its_key(fields, desk, case):
    set_custom_fields(case, {"baggage": "lost"}, by=desk.by)
    fields.choice.delete()
    assert told(case) == [("baggage set to lost", [("baggage", "lost")])]


def test_a_long_history_needs_no_more_queries_than_a_short_one(fields, desk, case):
    def spent():
        with CaptureQueriesContext(connection) as captured:
            told(case)
        return len(captured)

    set_custom_fields(case, {"amount": 1, "expert": desk.agent}, by=desk.by)
    few = spent()
    for amount in range(2, 12):
        set_custom_fields(case, {"amount": amount}, by=desk.by)
    assert spent() == few
