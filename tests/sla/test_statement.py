"""A statement's lines are the whole life of a case, and add up to what the clocks show, to the second."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models, operations
from case_management.domain import events
from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.models.calendar import WEEKDAYS
from case_management.models.calendar_version import CalendarVersionFixed
from case_management.sla.account import account_of
from case_management.sla.deadlines import Deadlines
from case_management.sla.hours_kept import HoursKept
from case_management.sla.lines import Kind, Why
from case_management.sla.moments import Happened
from case_management.sla.statement import draw_up
from case_management.sla.terms import Matter
from case_management.testing import make_case
from case_management.timeline.projection import project

from . import oracle

#: A Monday; the day after is a holiday on the main calendar.
MONDAY = datetime(2026, 3, 23, 8, 30, tzinfo=UTC)
WEEK = ("09:00-12:00, 13:00-17:00",) * 5 + ("", "")
BOOK = oracle.Book("Europe/Berlin", (((540, 720), (780, 1020)),) * 5 + ((), ()), {date(2026, 3, 24): ()})
#: Three decimals: clocks read whole seconds, events do not.
PAUSES = st.integers(0, 200_000_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds))
SOME = PAUSES.map(lambda pause: pause + timedelta(seconds=1))
VERBS = st.sampled_from(["customer", "third_party", "resume", "urgent", "normal", "resolve", "reopen"])


@pytest.fixture
def office(db: None) -> SimpleNamespace:
    """Two priorities, each with a policy; normal cases run on Berlin's hours with a lunch break and a holiday."""
    berlin = models.BusinessCalendar.objects.create(
        name="Berlin", timezone="Europe/Berlin", **dict(zip(WEEKDAYS, WEEK, strict=True))
    )
    models.Holiday.objects.create(calendar=berlin, date="2026-03-24", name="Founders' day")
    always = models.BusinessCalendar.objects.create(name="Always", timezone="UTC", **dict.fromkeys(WEEKDAYS, "24h"))
    normal = models.Priority.objects.create(name="Normal", key="normal", rank=3, is_default=True)
    urgent = models.Priority.objects.create(name="Urgent", key="urgent", rank=1)
    for priority, calendar, minutes in ((normal, berlin, 600), (urgent, always, 300)):
        policy = models.SlaPolicy.objects.create(name=f"{priority} policy", priority=priority, calendar=calendar)
        models.SlaTarget.objects.create(policy=policy, minutes=minutes)
    return SimpleNamespace(berlin=berlin, normal=normal, urgent=urgent)


class Life:
    """A case in memory on which steps are decided and projected as the operations do it."""

    def __init__(self, office: SimpleNamespace) -> None:
        self.case, self.deadlines, self.at = Case(), Deadlines.load(), MONDAY
        self.happened: list[Happened] = []
        self.priorities = {"normal": office.normal, "urgent": office.urgent}
        opened = events.CaseOpened(topic=1, priority=office.normal.pk, priority_rank=3)
        self.record(opened, *self.deadlines.on_open(Matter(office.normal.pk), self.at))
        kept = models.CalendarVersion.objects.all
        self.hours = lambda version, policy: HoursKept.from_json(kept().get(pk=version).hours) if version else None

    def record(self, *decided: events.Event) -> None:
        for event in decided:
            project(self.case, event, self.at)
            self.happened.append(Happened(len(self.happened) + 1, self.at, event))

    def step(self, verb: str) -> None:
        case, deadlines, at = self.case, self.deadlines, self.at
        if case.is_open and verb in self.priorities:
            priority = self.priorities[verb]
            changed = events.PriorityChanged(to=priority.pk, rank=priority.rank, previous=case.priority_id)
            self.record(changed, *deadlines.on_change(case, at, priority_id=priority.pk))
        elif verb in ("customer", "third_party") and case.status in ("new", "in_progress"):
            self.record(events.CaseWaiting(waiting_for=verb), *deadlines.on_wait(case, verb, at))
        elif verb == "resume" and case.status == "waiting":
            self.record(events.CaseResumed(), *deadlines.on_resume(case, at))
        elif verb == "resolve" and case.is_open:
            self.record(events.CaseResolved())
        elif verb == "reopen" and not case.is_open:
            self.record(events.CaseReopened(), *deadlines.on_reopen(case, at))

    def statement(self):
        return draw_up(self.happened, self.hours, self.at)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PAUSES, VERBS), max_size=8), PAUSES)
def test_lines_leave_no_gap_and_add_up_to_what_the_clocks_show(office, steps, rest):
    life = Life(office)
    for pause, verb in steps:
        life.at += pause
        life.step(verb)
    life.at += rest
    drawn, end = life.statement(), life.at.replace(microsecond=0)
    assert drawn.waited == int(((life.case.resolved_at or end).replace(microsecond=0) - MONDAY).total_seconds())
    for run in drawn.runs:
        assert all(before.end == line.start for before, line in zip(run.lines, run.lines[1:], strict=False))
        assert run.recorded_left == run.left
        counted = [line for line in run.lines if line.kind is Kind.COUNTED]
        assert run.counted == sum(line.seconds for line in counted)
    assert not drawn.runs or not drawn.runs[-1].lines or drawn.runs[-1].lines[-1].end == end
    assert life.statement() == drawn


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SOME, PAUSES, PAUSES)
def test_what_counts_is_the_minute_walk_over_the_time_that_ran(office, first, second, third):
    life = Life(office)
    for pause, verb in ((first, "customer"), (second, "resume"), (third, "")):
        life.at += pause
        life.step(verb)
    run = life.statement().runs[0]
    marks = [MONDAY + sum(spent, timedelta()) for spent in ([], [first], [first, second], [first, second, third])]
    opened, paused, resumed, now = (at.replace(microsecond=0) for at in marks)
    ran = oracle.elapsed(BOOK, opened, paused) + oracle.elapsed(BOOK, resumed, now)
    if any(line.kind is Kind.PAUSED for line in run.lines) or paused == resumed:
        assert run.counted == ran.total_seconds()
    for line in run.lines:
        if line.kind is Kind.CLOSED:
            assert oracle.elapsed(BOOK, line.start, line.end) == timedelta()


def test_each_stretch_says_why(office):
    life = Life(office)
    life.at = datetime(2026, 3, 27, 9, tzinfo=UTC)
    life.step("customer")
    life.at = datetime(2026, 3, 30, 8, tzinfo=UTC)
    life.step("resume")
    life.at = datetime(2026, 3, 30, 9, tzinfo=UTC)
    lines = life.statement().runs[0].lines
    berlin = ZoneInfo("Europe/Berlin")
    said = [(str(line.why), line.start.astimezone(berlin).strftime("%d %H:%M"), line.name) for line in lines[:7]]
    assert said == [
        ("open", "23 09:30", ""),
        ("break", "23 12:00", ""),
        ("open", "23 13:00", ""),
        ("night", "23 17:00", ""),
        ("holiday", "24 00:00", "Founders' day"),
        ("night", "25 00:00", ""),
        ("open", "25 09:00", ""),
    ]
    # Past due it does not stand; Berlin has put its clocks forward, so nine o'clock was two hours ago.
    assert (lines[-1].why, lines[-1].seconds) == (Why.OPEN, 7200)


def test_a_wait_over_a_weekend_of_a_clock_that_has_time_left_is_one_paused_line(office):
    life = Life(office)
    life.at = datetime(2026, 3, 23, 9, tzinfo=UTC)
    life.step("customer")
    life.at = datetime(2026, 3, 30, 8, tzinfo=UTC)
    life.step("resume")
    life.at = datetime(2026, 3, 30, 9, tzinfo=UTC)
    run = life.statement().runs[0]
    assert [(str(line.kind), str(line.why)) for line in run.lines] == [
        ("counted", "open"),
        ("paused", "customer"),
        ("counted", "open"),
    ]
    assert life.happened[run.lines[1].event - 1].event.code == "sla_paused"
    assert run.counted == 1800 + 3600


def a_stored_life(office) -> Case:
    """Opened, waited and resumed: through the operations, in the past."""
    rule = Actor.system("test")
    case = make_case(priority=office.normal, by=rule.backdated(MONDAY))
    at = MONDAY + timedelta(hours=1, microseconds=250_000)
    case = operations.wait_case(case, waiting_for="customer", by=rule.backdated(at))
    return operations.resume_case(case, by=rule.backdated(at + timedelta(days=2)))


@pytest.mark.django_db
def test_an_edited_calendar_leaves_old_cases_as_they_were(office):
    case, until = a_stored_life(office), MONDAY + timedelta(days=30)
    before, due = account_of(case, until=until).as_json(), case.sla_due_at
    office.berlin.monday = office.berlin.wednesday = office.berlin.thursday = "24h"
    office.berlin.timezone = "Asia/Tokyo"
    office.berlin.save()
    models.Holiday.objects.filter(calendar=office.berlin).delete()
    assert account_of(case, until=until).as_json() == before
    case = operations.wait_case(
        case, waiting_for="customer", by=Actor.system("test").backdated(due - timedelta(hours=1))
    )
    assert account_of(case, until=due).as_json()["business"][0]["agrees_with_the_clock"]
    assert make_case(priority=office.normal).sla_calendar.number == 2
    assert case.sla_calendar.number == 1


@pytest.mark.django_db
def test_a_version_is_kept_once_and_never_changed(office):
    first, second = make_case(priority=office.normal), make_case(priority=office.normal)
    assert first.sla_calendar_id == second.sla_calendar_id
    with pytest.raises(CalendarVersionFixed):
        first.sla_calendar.save()


@pytest.mark.django_db
def test_a_name_of_a_holiday_is_part_of_the_version(office):
    first = make_case(priority=office.normal)
    models.Holiday.objects.update(name="Day of the founders")
    assert make_case(priority=office.normal).sla_calendar_id != first.sla_calendar_id


@pytest.mark.django_db
@pytest.mark.drifts_on_purpose
def test_a_clock_older_than_versions_is_counted_in_todays_hours_of_its_policy(office):
    case = a_stored_life(office)
    with_versions = account_of(case, until=MONDAY + timedelta(days=9)).as_json()
    for event in case.events.filter(type__startswith="sla_"):
        payload = {key: value for key, value in event.payload.items() if key != "calendar"}
        models.CaseEvent.objects.filter(pk=event.pk).update(payload=payload)
    account = account_of(case, until=MONDAY + timedelta(days=9)).as_json()
    assert account["business"][0]["calendar"] is None
    assert account["business"][0]["lines"] == with_versions["business"][0]["lines"]


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_history(office, django_assert_max_num_queries):
    case, rule = a_stored_life(office), Actor.system("test")
    at = MONDAY + timedelta(days=3)
    for turn in range(20):
        verb = {"waiting_for": "third_party"}
        at += timedelta(hours=1)
        case = operations.wait_case(case, **verb, by=rule.backdated(at))
        case = operations.resume_case(case, by=rule.backdated(at + timedelta(minutes=turn)))
    case = Case.objects.select_related("unit").get(pk=case.pk)
    with django_assert_max_num_queries(3):
        account_of(case)


def test_the_command_prints_both_clocks_and_json(office, capsys):
    case = a_stored_life(office)
    call_command("sla_statement", case.reference)
    printed = capsys.readouterr().out
    assert "Closed hours, holiday: Founders' day" not in printed
    assert "Paused, waiting for the customer" in printed
    call_command("sla_statement", case.reference.lower(), json=True)
    told = json.loads(capsys.readouterr().out)
    run = told["business"][0]
    assert sum(line["seconds"] for line in run["lines"] if line["kind"] == "counted") == run["counted_seconds"]
    assert run["agrees_with_the_clock"]


@pytest.mark.django_db(transaction=True)
def test_another_process_in_another_time_zone_says_the_same(office, site_environment):
    case = a_stored_life(office)
    told = [
        subprocess.run(
            [sys.executable, "-m", "example_project.manage", "shell", "-v0", "-c", _PRINT % case.reference],
            env={**os.environ, **site_environment, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("Pacific/Apia", "America/St_Johns")
    ]
    assert told[0] == told[1]
    assert json.loads(told[0]) == account_of(case, until=MONDAY + timedelta(days=9)).as_json()


_PRINT = """
import json
from datetime import datetime
from case_management.models import Case
from case_management.sla.account import account_of
case = Case.objects.get(reference="%s")
print(json.dumps(account_of(case, until=datetime.fromisoformat("2026-04-01T08:30:00+00:00")).as_json()))
"""


@pytest.mark.django_db
def test_an_undone_resolution_counts_as_if_it_had_not_been(office):
    life = Life(office)
    life.at = MONDAY + timedelta(hours=1)
    life.step("resolve")
    life.at = MONDAY + timedelta(hours=3)
    restored = {"status": {"value": "new"}, "resolved_at": {"value": None}}
    life.record(events.ChangeUndone(change_set=1, restored=restored))
    life.at = MONDAY + timedelta(hours=4)
    run = life.statement().runs[0]
    assert run.left == run.recorded_left
    assert len(life.statement().runs) == 1
