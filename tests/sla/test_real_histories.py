"""Real logs of other desks: labels come out as they were given, and every clock adds up."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from case_management import models
from case_management.domain.events import EVENTS, CaseOpened
from case_management.models.calendar import WEEKDAYS
from case_management.operations.record_histories import record_histories
from case_management.sla.account import MOVING
from case_management.sla.deadlines import Deadlines
from case_management.sla.lines import Kind, Why, total
from case_management.sla.moments import Happened
from case_management.sla.statement import draw_up
from case_management.sla.versions import kept_versions
from case_management.testing import make_topic

from .histories import history, incident_told, incidents, ticket_told, tickets

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def test_77_of_77_labels_of_boston_are_reproduced(shared_data, capsys):
    boston = shared_data / "boston311/boston311-100.csv"
    get_user_model().objects.create_superuser("chief", "chief@example.org")
    models.Priority.objects.create(name="Normal", rank=3, is_default=True)
    call_command("import_cases", str(boston), mapping="boston311", **{"as": "chief"})
    with boston.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cases = {case.external_id: case for case in models.Case.objects.all()}
    assert len(cases) == 100
    labelled = [row for row in rows if row["target_dt"].strip() and row["closed_dt"].strip()]
    agree = [(cases[row["case_enquiry_id"]].breached_at is None) == (row["ontime"] == "ONTIME") for row in labelled]
    assert (sum(agree), len(agree)) == (77, 77)


def promised(reopening):
    """A policy of two working days in the office hours of Rome, under which the clock stands for customers."""
    week = dict.fromkeys(WEEKDAYS[:5], "09:00-12:30, 13:30-18:00")
    calendar = models.BusinessCalendar.objects.create(name="Office", timezone="Europe/Rome", **week)
    priority = models.Priority.objects.create(name="Normal", rank=3)
    policy = models.SlaPolicy.objects.create(
        name="Standard", calendar=calendar, reopening=reopening, warnings="50, 75", pauses_for_third_party=False
    )
    models.SlaTarget.objects.create(policy=policy, minutes=960)
    topic = make_topic()
    return CaseOpened(topic=topic.pk, priority=priority.pk, priority_rank=3)


def lived(logs, told_of, reopening):
    """The cases of a log, each with its life."""
    opening, deadlines = promised(reopening), Deadlines.load()
    source = models.Source.objects.create(name="Log")
    lives = {name: told_of(rows) for name, rows in logs.items()}
    record_histories([history(name, source, opening, told, deadlines) for name, told in lives.items()])
    return lives


def statements(until):
    """The statement of every case, from all events in one query."""
    happened, hours = defaultdict(list), {}
    stored = models.CaseEvent.objects.filter(type__in=MOVING).order_by("case_id", "seq")
    for case_id, seq, code, payload, at in stored.values_list("case_id", "seq", "type", "payload", "occurred_at"):
        happened[case_id].append(Happened(seq, at, EVENTS[code].from_payload(payload)))
    hours = kept_versions(set(models.CalendarVersion.objects.values_list("pk", flat=True)))
    return {pk: draw_up(each, lambda version, policy: hours.get(version), until) for pk, each in happened.items()}


def require_that_clocks_add_up(lives):
    until = max(told[-1][0] for told in lives.values()) + timedelta(days=30)
    cases, drawn = models.Case.objects.in_bulk(), statements(until)
    assert len(drawn) == len(lives)
    for pk, statement in drawn.items():
        case = cases[pk]
        assert all(run.is_consistent for run in statement.runs), case.external_id
        assert sum(1 for run in statement.runs) >= 1
        assert statement.waited == int(((case.resolved_at or until) - case.opened_at).total_seconds())
        last = statement.runs[-1]
        # A promise that ends with the working day is broken by a resolution in the evening, at no open time more.
        late = last.left < 0 or (last.left == 0 and last.due < (case.resolved_at or until))
        # Of a case that stays open nobody has swept the deadline yet.
        assert case.is_open or (case.breached_at is not None) == late, case.external_id
        held = sum(total([line], Kind.PAUSED) for line in last.lines if line.why is not Why.CUSTOMER)
        assert held == 0, "the clock stands for customers alone"
    return drawn


@pytest.mark.parametrize("reopening", ["restart", "continue"])
def test_incidents_are_reopened_as_often_as_their_labels_say_and_their_clocks_add_up(shared_data, reopening):
    logs = incidents(shared_data)
    lives = lived(logs, incident_told, reopening)
    counts = dict(models.Case.objects.values_list("external_id", "reopen_count"))
    assert counts == {number: int(rows[-1]["reopen_count"]) for number, rows in logs.items()}
    assert (len(counts), sum(counts.values())) == (890, 11)
    drawn = require_that_clocks_add_up(lives)
    again = sum(len(statement.runs) - 1 for statement in drawn.values())
    assert again == (11 if reopening == "restart" else 0)
    assert not models.SlaClock.objects.exclude(next_at=None).exists()


def test_tickets_of_four_years_are_resumed_after_resolving_and_their_clocks_add_up(shared_data):
    lives = lived(tickets(shared_data), ticket_told, "restart")
    assert len(lives) == 4580
    resumed = {name for name, told in lives.items() if came_back(told)}
    assert set(models.Case.objects.filter(reopen_count__gt=0).values_list("external_id", flat=True)) == resumed
    require_that_clocks_add_up(lives)


def came_back(told):
    """Whether anything but closing follows a resolution, told without the code under test."""
    names = [str(status) for _at, status, _holder in told if str(status) != "new"]
    return any(
        before in ("resolved", "closed") and after not in ("resolved", "closed") for before, after in pairwise(names)
    )
