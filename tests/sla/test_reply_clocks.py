"""Clocks of replies in a statement: their lines add up to what the rows of clocks show, whatever happens."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import Event, MessageReceived, MessageSent
from case_management.exceptions import TransitionNotAllowed
from case_management.models.calendar import WEEKDAYS
from case_management.sla.account import account_of
from case_management.sla.lines import Kind
from case_management.timeline.recorder import Entry, record

from .office import HOUR, MONDAY, NOTE, at, make_office, open_at, promise

pytestmark = pytest.mark.django_db
WEEK = ("09:00-12:00, 13:00-17:00",) * 5 + ("", "")
PAUSES = st.floats(0, 60, allow_nan=False)
VERBS = st.sampled_from(
    ["hear", "reply", "customer", "third_party", "resume", "urgent", "normal", "resolve", "reopen", "edit"]
)


@pytest.fixture
def office(db) -> SimpleNamespace:
    """Opening hours with a lunch break in Berlin; urgent cases run round the clock."""
    found = make_office()
    berlin = models.BusinessCalendar.objects.create(
        name="Berlin", timezone="Europe/Berlin", **dict(zip(WEEKDAYS, WEEK, strict=True))
    )
    quick = {"priorities": [found.urgent], "warnings": "50", "first_response": 2, "next_reply": 1}
    promise(found, "Quick", 8, reopening="continue", pauses_for_third_party=True, **quick)
    promise(found, "Standard", 20, calendar=berlin, position=1, first_response=6, next_reply=4, warnings="75, 90")
    found.berlin = berlin
    return found


def _say(case: models.Case, by: Actor, event: Event) -> None:
    if case.is_open:
        record([Entry(case, [event], by)])


def _prioritise(case: models.Case, by: Actor, priority: models.Priority) -> None:
    if case.is_open and case.priority != priority:
        operations.change_priority(case, priority=priority, by=by)


def step(office: SimpleNamespace, case: models.Case, verb: str, hours: float) -> None:
    """What somebody does then, where it is possible."""
    case, by = models.Case.objects.get(pk=case.pk), at(hours)
    hear = MessageReceived(message=1, awaiting_since=case.awaiting_since or by.moment())
    solved = operations.Resolution(office.solved, NOTE)
    verbs = {
        "edit": lambda: models.BusinessCalendar.objects.filter(pk=office.berlin.pk).update(
            monday="24h" if int(hours) % 2 else ""
        ),
        "reply": lambda: _say(case, by, MessageSent(message=1, kind="reply", awaiting_since=None)),
        "hear": lambda: _say(case, by, hear),
        "urgent": lambda: _prioritise(case, by, office.urgent),
        "normal": lambda: _prioritise(case, by, office.normal),
        "customer": lambda: operations.wait_case(case, waiting_for="customer", by=by),
        "third_party": lambda: operations.wait_case(case, waiting_for="third_party", by=by),
        "resume": lambda: operations.resume_case(case, by=by),
        "resolve": lambda: operations.resolve_case(case, solved, by=by),
        "reopen": lambda: operations.reopen_case(case, reason=office.again, note=NOTE, by=by),
    }
    with suppress(TransitionNotAllowed):
        verbs[verb]()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PAUSES, VERBS), max_size=10), PAUSES)
def test_the_lines_of_every_clock_add_up_to_what_its_row_shows(office, steps, rest):
    case, hours = open_at(office), 0.0
    for pause, verb in steps:
        hours += pause
        step(office, case, verb, hours)
    until = MONDAY + timedelta(hours=hours + rest)
    account = account_of(case, until=until)
    assert account.agrees
    rows = models.SlaClock.objects.filter(case=case).exclude(metric="resolve")
    runs = account.statement.replies.runs
    assert {(row.metric, row.number): (row.target, row.due_at, row.ended_at) for row in rows} == {
        key: (run.target, run.due, run.ended_at) for key, run in runs.items()
    }
    for run in runs.values():
        assert all(before.end == line.start for before, line in zip(run.lines, run.lines[1:], strict=False))
        assert run.recorded_left is not None
        assert run.counted == sum(line.seconds for line in run.lines if line.kind is Kind.COUNTED)
    told = account.as_json()
    assert [run["number"] for run in told["replies"] if run["metric"] == "first_response"] in ([], [1])
    assert json.loads(json.dumps(told)) == account_of(case, until=until).as_json()


def test_each_stretch_of_a_reply_says_why(office):
    case = open_at(office, hours=2)
    step(office, case, "customer", 4)
    step(office, case, "resume", 24)
    step(office, case, "reply", 25)
    (run,) = account_of(case, until=MONDAY + 40 * HOUR).statement.replies.runs.values()
    said = [(str(line.kind), str(line.why), line.seconds / 3600) for line in run.lines]
    # Berlin opens again at seven by UTC, and the case waits until nine of the next day.
    assert said == [("counted", "open", 2), ("paused", "customer", 20), ("counted", "open", 1)]
    assert (run.left, run.ended_at) == (3 * 3600, MONDAY + 25 * HOUR)


def test_a_row_that_somebody_tampered_with_does_not_agree(office, capsys):
    case = open_at(office)
    assert account_of(case, until=MONDAY + HOUR).agrees
    models.SlaClock.objects.filter(case=case, metric="first_response").update(due_at=MONDAY + 90 * HOUR)
    assert not account_of(case, until=MONDAY + HOUR).agrees
    with pytest.raises(SystemExit):
        call_command("sla_statement", case.reference)
    assert "First response: Standard (Europe/Berlin)" in capsys.readouterr().out


def test_what_clocks_came_to_and_what_is_to_come_stands_in_order(office, capsys):
    case = open_at(office, priority=office.urgent)
    operations.record_marks([case.pk], by=at(1.5))
    account = account_of(models.Case.objects.get(pk=case.pk), until=MONDAY + 2 * HOUR)
    marks = [(mark.metric, mark.kind, mark.value, (mark.at - MONDAY) / HOUR, mark.event is not None)
             for mark in account.statement.replies.marks]  # fmt: skip
    second = 1 / 3600
    assert marks == [
        ("first_response", "warning", 50, 1.5, True),
        ("first_response", "miss", 0, pytest.approx(2 + second), False),
        ("resolve", "warning", 50, 4, False),
    ]
    call_command("sla_statement", case.reference)
    assert "First response, Warning at 50 %\n" in (told := capsys.readouterr().out)
    assert "Time to resolve, Warning at 50 % (to come)" in told


def test_the_number_of_queries_does_not_grow_with_replies(office, django_assert_max_num_queries):
    case = open_at(office)
    for turn in range(12):
        step(office, case, "hear", turn + 0.2)
        step(office, case, "reply", turn + 0.7)
    case = models.Case.objects.select_related("unit").get(pk=case.pk)
    with django_assert_max_num_queries(4):
        assert len(account_of(case).statement.replies.runs) == 12


def test_a_first_response_that_is_promised_later_is_none_in_the_statement_too(office):
    promise(office, "Plain", 20, position=0, topics=[office.food], next_reply=4)
    case = open_at(office, topic=office.food)
    operations.change_topic(case, topic=office.seat, by=at(1))
    operations.change_priority(case, priority=office.urgent, by=at(2))
    step(office, case, "hear", 3)
    operations.record_marks([case.pk], by=at(9))
    account = account_of(case, until=MONDAY + 10 * HOUR)
    assert set(account.statement.replies.runs) == set(
        case.clocks.exclude(metric="resolve").values_list("metric", "number")
    )
    assert account.agrees
