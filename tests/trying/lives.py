"""Histories that are lived twice: once as they were, once with a rule switched on; and what the rule did there."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError
from case_management.jobs import react
from case_management.rules.due import run_due
from case_management.rules.engine import run_interactions
from case_management.testing import make_topic, make_user
from case_management.timeline.projection import Folded
from case_management.trying.backtest import backtest
from case_management.trying.names import Names
from case_management.trying.result import said

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
BY = Actor.system("history")
NOTE = "Nobody called back."
#: Facts that say again what others say, or the moment of saying it.
ECHOES = {
    "priority_rank",
    "urgent_at",
    "sla_due_at",
    "sla_calendar_id",
    "sla_terms_id",
    "sla_target",
    "sla_remaining",
    "updated_at",
}


class Clock:
    """The time in these histories: it stands until it is moved on."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


def world():
    """What histories and rules name."""
    make_topic("seat")
    top = make_topic("food")
    models.Topic.objects.get(pk=top.pk).add_child(name="Coffee", key="coffee")
    for name, rank in (("Normal", 3), ("High", 1)):
        models.Priority.objects.create(name=name, key=name.lower(), rank=rank, is_default=name == "Normal")
    for key in ("care", "claims"):
        models.Team.objects.create(name=key, key=key)
    models.CaseType.objects.create(name="Recovery", key="recovery")
    category = models.TagCategory.objects.create(name="Cause")
    for key in ("noise", "cold"):
        models.Tag.objects.create(name=key, key=key, category=category)
    models.ClosureReason.objects.create(name="Solved", key="solved")
    models.ReopenReason.objects.create(name="Again", key="again")
    models.Source.objects.create(name="Survey", key="survey")
    models.Unit.add_root(number="7", name="Harbour")
    for number in range(2):
        models.Contact.objects.create(name=f"Contact {number}")
    make_user("ann", role="Case manager")


def _open(number, key):
    contact = models.Contact.objects.order_by("pk")[number % 2]
    source = models.Source.objects.get()
    draft = operations.CaseDraft(
        title=f"Case {number}", topic=models.Topic.objects.get(key=key), source=source, contact=contact,
        external_id=f"c{number}",
    )  # fmt: skip
    operations.open_case(draft, by=BY)


def _tag(case, how, key):
    """Told what to do whatever is there: who looks first would do another thing in another world."""
    operations.tag_case(case, by=BY, **{how: [models.Tag.objects.get(key=key)]})


def _resolve(case, key):
    reason = models.ClosureReason.objects.get()
    operations.resolve_case(case, operations.Resolution(reason=reason, note=NOTE), by=BY)


VERBS: dict[str, Any] = {
    "priority": lambda case, key: operations.change_priority(
        case, priority=models.Priority.objects.get(key=("normal", "high")[key]), by=BY
    ),
    "topic": lambda case, key: operations.change_topic(
        case, topic=models.Topic.objects.get(key=("seat", "coffee")[key]), by=BY
    ),
    "team": lambda case, key: operations.reroute_case(
        case, unit=case.unit, team=models.Team.objects.get(key=("care", "claims")[key]), by=BY
    ),
    "tag": lambda case, key: _tag(case, "add", ("noise", "cold")[key]),
    "untag": lambda case, key: _tag(case, "remove", ("noise", "cold")[key]),
    "flag": lambda case, key: (operations.flag_case, operations.unflag_case)[key](case, by=BY),
    "start": lambda case, key: operations.start_case(case, by=BY),
    "escalate": lambda case, key: operations.escalate_case(case, reason=NOTE, by=BY),
    "note": lambda case, key: operations.add_note(case, text=NOTE, by=BY),
    "resolve": _resolve,
}


def live(steps, clock, *, hours_after=0):
    """Live the steps (case, verb, argument), an hour each; before each the sweep comes, after it everybody reacts.

    Returns what there was to do; a step that changed nothing is None there, and is an hour in which nothing is done.
    """
    clock.now = START
    sweep(clock, 0)
    done = []
    for step in steps:
        sweep(clock, 1)
        done.append(step if step is not None and _does(*step) else None)
        settle()
    sweep(clock, hours_after)
    return done


def _does(number, verb, argument):
    """Whether the step changed anything; somebody, or the rule, may have been quicker."""
    before = models.CaseEvent.objects.count()
    case = models.Case.objects.filter(external_id=f"c{number}").first()
    if case is None:
        _open(number, ("seat", "coffee")[argument])
    else:
        with suppress(CaseManagementError):
            VERBS[verb](case, argument)
    return models.CaseEvent.objects.count() > before


def sweep(clock, hours):
    """Once an hour."""
    for _hour in range(hours) or [0]:
        clock.now += timedelta(hours=1) if hours else timedelta()
        while run_due():
            settle()


def settle():
    """Until nobody has anything to do."""
    while react.run_reactions() + run_interactions():
        continue


@contextmanager
def another_world():
    """What happens inside never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def done_by(rule):
    """Case → what the rule changed there, in order: (fact, before, after)."""
    names, found = Names(), defaultdict(list)
    events = models.CaseEvent.objects.select_related("case").order_by("case_id", "seq")
    folded: dict[int, Folded] = defaultdict(Folded)
    for event in events:
        state, decoded = folded[event.case_id], event.decoded()
        before, tags = dict(state.values), sorted(state.tags)
        state.apply(decoded, event.occurred_at)
        if event.actor_label != rule.label:
            continue
        for name, value in decoded.changes(event.occurred_at).items():
            was = before.get(name, models.Case._meta.get_field(name).get_default())
            if name not in ECHOES and was != value:
                pair = (said(name, was, names), said(name, value, names))
                found[event.case.external_id].append((name.removesuffix("_id"), *pair))
        if sorted(state.tags) != tags:
            pair = (said("tags", tags, names), said("tags", sorted(state.tags), names))
            found[event.case.external_id].append(("tags", *pair))
    return dict(found)


def foretold(rule, since=START, until=START + timedelta(days=400)):
    """The same by a backtest, and the result itself."""
    result, found = backtest(rule, since, until), defaultdict(list)
    external = dict(models.Case.objects.values_list("pk", "external_id"))
    for row in result.rows:
        changes = [change for entry in row.actions for change in entry.get("changes", ())]
        for change in changes:
            found[external[row.case_id]].append((change["field"], change["before"], change["after"]))
    return dict(found), result
