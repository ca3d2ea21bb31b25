"""The clock of a case that was split off starts before the case: its statement says so in a line of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models.calendar import WEEKDAYS
from case_management.operations import Part
from case_management.sla.account import account_of
from case_management.sla.lines import Kind, Why, to_second
from case_management.sla.statement_words import reason
from case_management.testing import make_case
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def split_off():
    """A case whose customer wrote three hours ago, in a case that is older, on a calendar that never closes."""
    always = models.BusinessCalendar.objects.create(name="Always", timezone="UTC", **dict.fromkeys(WEEKDAYS, "24h"))
    normal = models.Priority.objects.create(name="Normal", key="normal", rank=3, is_default=True)
    policy = models.SlaPolicy.objects.create(name="Ten hours", priority=normal, calendar=always)
    models.SlaTarget.objects.create(policy=policy, minutes=600)
    unit = models.Unit.add_root(number="1", name="Harbour")
    case, said_at = make_case(priority=normal, unit=unit), timezone.now() - timedelta(hours=3)
    said = models.Interaction.objects.create(
        source=case.source, external_id="1", occurred_at=said_at, available_at=said_at, case=case, comment="The seat"
    )  # fmt: skip
    return operations.split_case(case, Part.of(case, interactions=[said.pk]), title="Seat", by=BY), said_at


def test_what_counted_before_the_case_was_opened_stands_in_a_line_of_its_own(split_off):
    case, said_at = split_off
    (run,) = account_of(case, until=case.opened_at + timedelta(hours=1)).statement.runs
    first, second = run.lines
    assert (first.kind, first.why, first.start) == (Kind.COUNTED, Why.BEFORE, to_second(said_at))
    assert (second.why, second.start) == (Why.OPEN, first.end)
    assert first.end == to_second(case.opened_at)
    assert abs(run.counted - 4 * 3600) <= 1
    assert run.is_consistent
    assert "before the case was opened" in reason(first)


def test_the_page_explains_it_and_does_not_call_the_clock_set_otherwise(split_off, case_door, signed_in):
    case, _said_at = split_off
    chief = make_viewer("chief", case.unit, "view_case")
    page = signed_in(chief).get(case_door.url("statement", case.reference)).content.decode()
    assert "before the case was opened: its customer had written before" in page
    assert "set otherwise than by counting" not in page
