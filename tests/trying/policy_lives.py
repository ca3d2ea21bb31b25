"""Histories that are lived twice: once as they were, once with a policy switched on; and how promises stand after."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from case_management import models, operations
from case_management.bulk.run import run_now
from case_management.bulk.selection import Selection
from case_management.bulk.start import start, start_undo
from case_management.domain.actor import Actor
from case_management.domain.events import MessageReceived, MessageSent
from case_management.exceptions import CaseManagementError
from case_management.models.calendar import WEEKDAYS
from case_management.sla.account import account_of
from case_management.testing import make_user
from case_management.timeline.recorder import Entry, record
from case_management.trying.over_policy import PolicyTrial
from case_management.trying.tried_policy import TriedPolicy
from tests.sla.office import HOUR, make_office, promise
from tests.trying.lives import NOTE, START

BY = Actor.system("history")
WEEK = ("09:00-12:00, 13:00-17:00",) * 5 + ("", "")


def make_world():
    """Quick for urgent cases, round the clock; Standard for all others in the opening hours of Berlin."""
    office = make_office()
    office.berlin = models.BusinessCalendar.objects.create(
        name="Berlin", timezone="Europe/Berlin", **dict(zip(WEEKDAYS, WEEK, strict=True))
    )
    promise(office, "Quick", 8, priorities=[office.urgent], first_response=2, next_reply=1, position=1, warnings="50")
    make_user("boss", is_superuser=True)
    office.honoured = models.Tag.objects.create(name="Honoured", category=models.TagCategory.objects.create(name="Is"))
    office.ada = models.Contact.objects.create(name="Ada")
    office.ada.tags.add(office.honoured)
    promise(office, "Standard", 20, calendar=office.berlin, position=5, next_reply=4, reopening="continue")
    return office


def _record(case, event):
    if case.is_open:
        record([Entry(case, [event], BY.at_this_moment())])


def _hear(case):
    now = BY.at_this_moment().moment()
    _record(case, MessageReceived(message=1, awaiting_since=case.awaiting_since or now))


def _there_and_back(case, topic):
    """Somebody changes the topic of cases widely, and an hour later takes that back."""
    boss = get_user_model().objects.get(username="boss")
    change = start("set_topic", {"topic": topic.pk}, Selection(boss, (case.reference,)), expected=1)
    run_now(change)
    timezone.now.now += HOUR
    sweep(timezone.now)
    run_now(start_undo(change, boss))


VERBS: dict[str, Any] = {
    "priority": lambda case, o, n: operations.change_priority(case, priority=(o.urgent, o.normal)[n], by=BY),
    "topic": lambda case, o, n: operations.change_topic(case, topic=(o.leather, o.food)[n], by=BY),
    "type": lambda case, o, n: operations.change_case_type(case, case_type=o.recovery, by=BY),
    "unit": lambda case, o, n: operations.reroute_case(case, unit=(o.harbour, o.south)[n], team=None, by=BY),
    "wait": lambda case, o, n: operations.wait_case(case, waiting_for=("customer", "third_party")[n], by=BY),
    "resume": lambda case, o, n: operations.resume_case(case, by=BY),
    "deadline": lambda case, o, n: operations.change_deadline(
        case, deadline=(None, START + timedelta(hours=30))[n], by=BY
    ),
    "hear": lambda case, o, n: _hear(case),
    "reply": lambda case, o, n: _record(case, MessageSent(message=1, kind="reply", awaiting_since=None)),
    "resolve": lambda case, o, n: operations.resolve_case(case, operations.Resolution(o.solved, NOTE), by=BY),
    "back": lambda case, o, n: _there_and_back(case, (o.leather, o.food)[n]),
    "reopen": lambda case, o, n: operations.reopen_case(case, reason=o.again, note=NOTE, by=BY),
}


def sweep(clock):
    """What time alone made due; the sweep comes before anybody acts."""
    overdue = models.Case.objects.overdue(clock.now).filter(breached_at=None)
    operations.record_breaches(list(overdue.values_list("pk", flat=True)), by=BY)
    due = models.SlaClock.objects.filter(next_at__lte=clock.now)
    operations.record_marks(set(due.values_list("case_id", flat=True)), by=BY)


def live(office, steps, clock):
    """Live the steps (case, verb, argument, hours since the last one)."""
    clock.now = START
    for number, verb, argument, hours in steps:
        clock.now += timedelta(hours=hours)
        sweep(clock)
        case = models.Case.objects.filter(external_id=f"c{number}").first()
        if case is None:
            _open(office, number, argument)
        else:
            with suppress(CaseManagementError):
                VERBS[verb](case, office, argument)
    clock.now += timedelta(hours=7)
    sweep(clock)


def _open(office, number, argument):
    deadline = START + timedelta(hours=26) if number == 2 and argument else None
    draft = operations.CaseDraft(
        title=f"Case {number}", topic=(office.seat, office.food)[argument], external_id=f"c{number}",
        source=(office.survey, office.phone)[number % 2], unit=office.north, deadline=deadline,
        contact=(None, office.ada)[number % 2],
    )  # fmt: skip
    operations.open_case(draft, by=BY)


def stands(clock):
    """Case → clock → policy, target, due date, whether it was kept, seconds worked: as rows and statements say."""
    return {case.external_id: _promises(case, clock.now) for case in models.Case.objects.all()}


def _promises(case, until):
    found = {}
    statement = account_of(case, until=until).statement
    run = statement.runs[-1] if case.sla_target is not None else None
    missed = case.breached_at is not None
    found["resolve", 1] = {
        "policy": case.sla_policy and case.sla_policy.key,
        "target": case.sla_target,
        "due_at": _iso(case.due_at),
        "kept": _outcome(case.due_at or case.sla_target, missed, not case.is_open),
        "worked": run.counted if run else None,
    }
    for row in case.clocks.exclude(metric="resolve"):
        missed = row.marks.filter(kind="miss").exists()
        found[row.metric, row.number] = {
            "target": row.target,
            "due_at": _iso(row.due_at),
            "kept": _outcome(True, missed, row.ended_at),
            "worked": statement.replies.runs[row.metric, row.number].counted,
        }
    return found


def _iso(at):
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _outcome(promised, missed, over):
    if missed:
        return "missed"
    return ("kept" if over else "running") if promised else "none"


def reported(tried, until, reader=None, since=START):
    """Case → (clock → what differs, before and after), and the result itself."""
    result = PolicyTrial(TriedPolicy.saved(tried), since, until, reader).whole()
    external = dict(models.Case.objects.values_list("pk", "external_id"))
    return {
        external[row.case_id]: {
            (entry["action"], entry["number"]): {
                change["field"]: (change["before"], change["after"]) for change in entry["changes"]
            }
            for entry in row.actions
        }
        for row in result.rows
    }, result
