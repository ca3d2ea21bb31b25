"""How often a rule acts: once is kept by the database, however often it is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.rules import publishing
from case_management.testing import make_case
from tests.rules.conftest import ALERT, ESCALATE, OPEN, again, said, settle, write

SYSTEM = Actor.system("test")


def test_a_rule_acts_once_per_response_however_often_it_is_asked(desk):
    rule = write("once", OPEN)
    first, second = said(desk.contact), said(desk.contact)
    settle()
    again(first, second)
    assert models.Case.objects.count() == rule.firings.count() == 2


def test_a_new_version_of_a_rule_does_not_act_again_on_what_the_old_one_answered(desk):
    old, row = write("once", ALERT), said()
    settle()
    publishing.retire(old)
    write("once", ALERT, version=2)
    again(row)
    assert models.Alert.objects.count() == 1


@pytest.mark.parametrize("cadence", ["once_per_response", "every_time"])
def test_once_per_case_and_every_time_differ_when_a_case_changes_again(desk, cadence):
    write("watch", ESCALATE, occasion="case_changed", cadence=cadence, conditions=FLAGGED_FIRST_TWO)
    case = make_case(topic=desk.topic, by=SYSTEM)
    for _ in range(2):
        operations.flag_case(case, by=SYSTEM)
        operations.unflag_case(case, by=SYSTEM)
        settle()
        case.refresh_from_db()
    assert case.escalation_level == (1 if cadence == "once_per_response" else 2)


#: Holds while the case is not flagged and its level is below two, so that "every time" comes to an end by itself.
FLAGGED_FIRST_TWO = {
    "all": [
        {"field": "flagged", "op": "is", "value": False},
        {"field": "escalation_level", "op": "lt", "value": 2},
    ]
}


def test_once_per_contact_waits_for_the_days_to_pass_and_knows_nobody_elses_contact(desk):
    rule = write("rare", ALERT, cadence="once_per_contact", cadence_days=7)
    other, now = models.Contact.objects.create(name="Sam"), timezone.now()
    fires = {
        "first": said(desk.contact, at=now - timedelta(days=20)),
        "a week later": said(desk.contact, at=now - timedelta(days=13)),
        "somebody else": said(other, at=now - timedelta(days=19)),
        "nobody": said(None, at=now),
        "nobody again": said(None, at=now),
    }
    too_soon = [said(desk.contact, at=now - timedelta(days=days)) for days in (18, 14, 9)]
    settle()
    again(*fires.values(), *too_soon)
    assert set(rule.firings.values_list("interaction_id", flat=True)) == {row.pk for row in fires.values()}
    late = said(desk.contact, at=now - timedelta(days=25))
    settle()
    assert not late.firings.exists(), "a response that arrives late is as near to the first as one that came early"


def test_one_at_a_time_or_all_at_once_is_the_same_for_a_contact(desk):
    rule = write("rare", ALERT, cadence="once_per_contact", cadence_days=3)
    now, days = timezone.now(), range(0, 12)
    for day in days:
        said(desk.contact, at=now - timedelta(days=12 - day))
        settle()
    one_by_one = sorted(rule.firings.values_list("about_at", flat=True))
    other = models.Contact.objects.create(name="Sam")
    for day in days:
        said(other, at=now - timedelta(days=12 - day))
    settle()
    at_once = sorted(rule.firings.filter(contact=other).values_list("about_at", flat=True))
    assert one_by_one == at_once
    assert len(at_once) == 4
