"""Random lives of cases by random actors, some with stale copies, against a plain model of what must come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError
from case_management.operations import Resolution
from case_management.testing import make_case, make_user
from case_management.timeline import chain, projection

OPEN = {"new", "in_progress", "waiting"}
UNLOCKED = OPEN | {"resolved"}
FROM = {
    "start": {"new"}, "note": UNLOCKED, "tag": UNLOCKED, "flag": OPEN | {"resolved", "closed"},
    "wait": {"new", "in_progress"}, "resume": {"waiting"}, "resolve": OPEN, "reopen": {"resolved", "closed"},
    "close": {"resolved"}, **dict.fromkeys(("assign", "unassign", "reroute", "topic", "priority", "deadline"), OPEN),
    **dict.fromkeys(("escalate", "snooze", "wake"), OPEN),
}  # fmt: skip
#: Rights by verb: who is asked for what, in the words of the roles' table.
LEAD = {"topic", "priority", "deadline", "close"}
FIELD = set(FROM) - LEAD
SALES = {"note", "start", "flag"}
ACTORS = ["agent", "field", "sales", "stranger", "gone", "rule", "system"]
CLOCK = {
    "sla_policy_id", "sla_calendar_id", "sla_target", "sla_due_at", "sla_remaining", "deadline", "due_at", "urgent_at",
}  # fmt: skip
NEXT_WEEK = timezone.now() + timedelta(days=7)
LONG_AGO = NEXT_WEEK - timedelta(days=700)
LONG, SHORT = "Called the customer.", "  done   "


@dataclass
class Expected:
    """What one case must look like."""

    status: str = "new"
    assignee: str | None = None
    unit: str | None = None
    team: bool = False
    topic: str = "general"
    urgent: bool = False
    tags: set[str] = field(default_factory=set)
    flagged: bool = False
    level: int = 0
    reopened: int = 0
    waiting_for: str = ""
    deadline: Any = None
    snoozed: Any = None
    paused: bool = False
    #: Per event: which fields it touched; its length is the version.
    touched: list[frozenset[str]] = field(default_factory=list)

    @property
    def version(self) -> int:
        return len(self.touched)


class Refused(Exception):
    """The model says no, with the code that the operation must give."""


@pytest.fixture
def world(desk):
    """The desk of this directory and people with fewer rights."""
    field_manager = make_user("field", role="Field manager", unit=desk.unit)
    team = models.Team.objects.create(name="Desk")
    team.members.add(field_manager)
    category = models.TagCategory.objects.create(name="Cause")
    people = {
        "agent": desk.agent,
        "field": field_manager,
        "sales": make_user("sales", role="Sales agent"),
        "stranger": make_user("stranger"),
        "gone": make_user("gone", role="Case manager", is_active=False),
    }
    actors = {name: Actor.from_user(user) for name, user in people.items()}
    return SimpleNamespace(
        desk=desk,
        people=people,
        actors={**actors, "rule": Actor.rule("r.v1"), "system": Actor.system("test")},
        team=team,
        units={"1": desk.unit, "2": models.Unit.add_root(number="2", name="Mill")},
        topics={"general": desk.topic, "other": desk.other_topic},
        tags={key: models.Tag.objects.create(name=key, key=key, category=category) for key in ("a", "b", "c")},
    )


def reaches(who: str, expected: Expected) -> bool:
    """Whether the person's role holds on this case at all."""
    if who in ("stranger", "gone"):
        return False
    return who != "field" or expected.unit == "1" or expected.assignee == "field" or expected.team


def holds(who: str, verb: str, expected: Expected) -> bool:
    """Whether the actor may do it."""
    if who in ("rule", "system"):
        return True
    verbs = {"field": FIELD, "sales": SALES}.get(who, set(FROM))
    return verb in verbs and reaches(who, expected)


class Lives(RuleBasedStateMachine):
    """The verbs; ``world`` is set by the test."""

    world: Any
    cases = Bundle("cases")
    copies = Bundle("copies")

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[int, Expected] = {}
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        """Every example leaves the database as it was."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(target=cases, unit=st.sampled_from(["1", "2", None]))
    def first(self, unit):
        return self._open(unit)

    @rule(target=cases, unit=st.sampled_from(["1", "2", None]))
    def another(self, unit):
        return self._open(unit)

    @rule(target=copies, case=cases)
    def somebody_opens_the_page(self, case):
        return models.Case.objects.get(pk=case)

    def _open(self, unit):
        case = make_case(topic=self.world.desk.topic, priority=self.world.desk.normal, unit=self.world.units.get(unit))
        self.expected[case.pk] = Expected(unit=unit)
        self._remember_touches(case)
        return case.pk

    # --- one rule per verb: what the model expects, then what is called ---

    @rule(copy=copies, who=st.sampled_from(ACTORS), data=st.data())
    def act(self, copy, who, data):
        """Somebody does something with the page that they opened some time ago."""
        verb = data.draw(st.sampled_from(sorted(FROM)))
        args = self._arguments(verb, data)
        batch = verb in BATCHES and data.draw(st.booleans())
        expected = self.expected[copy.pk]
        seen, before = copy.version, snapshot(copy.pk)
        try:
            if batch and verb == "resolve":
                answered(args)  # the same reason and note for all: refused before any case is looked at
            changes, touches = self._foretell(verb, who, expected, args)
            since = frozenset().union(*expected.touched[seen:])
            if not batch and touches & since:
                raise Refused("stale_case")
        except Refused as refusal:
            assert self._call(verb, copy, who, args, batch) == str(refusal), (verb, who, args, expected)
            assert snapshot(copy.pk) == before, "a refusal wrote something"
            return
        assert self._call(verb, copy, who, args, batch) is None, (verb, who, args, expected)
        for name, value in changes.items():
            setattr(expected, name, value)
        self._remember_touches(copy)

    def _arguments(self, verb, data):
        w, draw = self.world, data.draw
        options = {
            "assign": lambda: draw(st.sampled_from(sorted(w.people))),
            "reroute": lambda: (draw(st.sampled_from(["1", "2", None])), draw(st.booleans())),
            "topic": lambda: draw(st.sampled_from(sorted(w.topics))),
            "priority": lambda: draw(st.booleans()),
            "deadline": lambda: draw(st.sampled_from([None, timezone.now() + timedelta(days=2)])),
            "snooze": lambda: draw(st.sampled_from([NEXT_WEEK, NEXT_WEEK + timedelta(days=1), LONG_AGO])),
            "tag": lambda: (draw(st.sets(st.sampled_from("abc"))), draw(st.sets(st.sampled_from("abc")))),
            "wait": lambda: draw(st.sampled_from(["customer", "third_party", "nobody"])),
            "resolve": lambda: (draw(st.booleans()), draw(st.sampled_from([LONG, SHORT, ""]))),
            "reopen": lambda: (draw(st.booleans()), draw(st.sampled_from([LONG, SHORT]))),
            "note": lambda: draw(st.sampled_from([LONG, SHORT])),
            "escalate": lambda: draw(st.sampled_from([LONG, SHORT])),
            "flag": lambda: draw(st.booleans()),
        }
        return options.get(verb, lambda: None)()

    def _foretell(self, verb, who, e, args):
        """The changes of the model and the touched fields, or Refused."""
        if gate_closed(verb, args):
            raise Refused("gate_not_met")
        if e.status not in FROM[verb]:
            raise Refused("transition_not_allowed")
        if not holds(who, verb, e):
            raise Refused("right_missing")
        return getattr(self, f"_{verb}")(e, args)

    def _start(self, e, args):
        return {"status": "in_progress"}, {"status", "started_at"}

    def _note(self, e, args):
        return self._start(e, args) if e.status == "new" else ({}, set())

    def _assign(self, e, to):
        if not reaches(to, e):
            raise Refused("not_assignable")
        unchanged(e.assignee == to)
        return {"assignee": to}, {"assignee_id"}

    def _unassign(self, e, args):
        unchanged(e.assignee is None)
        return {"assignee": None}, {"assignee_id"}

    def _reroute(self, e, args):
        unit, team = args
        if unit is None and not team:
            raise Refused("gate_not_met")
        unchanged((unit, team) == (e.unit, e.team))
        left = {"assignee_id"} if e.assignee else set()
        return {"unit": unit, "team": team, "assignee": None}, {"unit_id", "team_id"} | left

    def _topic(self, e, key):
        unchanged(e.topic == key)
        return {"topic": key}, {"topic_id"}

    def _priority(self, e, urgent):
        unchanged(e.urgent == urgent)
        return {"urgent": urgent}, {"priority_id", "priority_rank"} | CLOCK

    def _deadline(self, e, deadline):
        unchanged(e.deadline == deadline)
        return {"deadline": deadline}, CLOCK

    def _snooze(self, e, until):
        if until == LONG_AGO:
            raise Refused("value_unknown")
        unchanged(e.snoozed == until)
        return {"snoozed": until}, {"snoozed_until"}

    def _wake(self, e, args):
        unchanged(e.snoozed is None)
        return {"snoozed": None}, {"snoozed_until"}

    def _tag(self, e, args):
        add, remove = args
        after = (e.tags - (remove - add)) | add
        unchanged(after == e.tags)
        return {"tags": after}, set()  # two people may tag at the same time

    def _flag(self, e, up):
        unchanged(e.flagged == up)
        return {"flagged": up}, {"flagged"}

    def _escalate(self, e, args):
        return {"level": e.level + 1}, {"escalation_level"}

    def _wait(self, e, waiting_for):
        stands = waiting_for == "customer"
        changes = {"status": "waiting", "waiting_for": waiting_for, "paused": stands}
        return changes, {"status", "waiting_for", "awaiting_since"} | (CLOCK if stands else set())

    def _resume(self, e, args):
        changes = {"status": "in_progress", "waiting_for": "", "paused": False}
        return changes, {"status", "waiting_for"} | (CLOCK if e.paused else set())

    def _resolve(self, e, args):
        answered(args)
        touched = {"status", "waiting_for", "resolved_at", "closure_reason_id", "resolution_method_id"}
        touched |= {"close_channel_id", "awaiting_since", "snoozed_until"}
        return {"status": "resolved", "waiting_for": "", "snoozed": None}, touched

    def _reopen(self, e, args):
        touched = {"status", "resolved_at", "closed_at", "reopen_reason_id", "reopen_count", "breached_at"} | CLOCK
        return {"status": "in_progress", "reopened": e.reopened + 1, "deadline": None, "paused": False}, touched

    def _close(self, e, args):
        return {"status": "closed"}, {"status", "closed_at"}

    # --- the operations themselves ---

    def _call(self, verb, copy, who, args, batch):
        """The code of the refusal, or None."""
        by = self.world.actors[who]
        try:
            if batch:
                outcome = BATCHES[verb](self.world, copy.pk, args, by)
                assert outcome.done == ([] if outcome.refused else [copy.pk])
                if outcome.done:
                    copy.refresh_from_db()
                return outcome.refused[0].error.code if outcome.refused else None
            SINGLE[verb](self.world, copy, args, by)
        except CaseManagementError as error:
            # What a failed page knows is what it knew: the object was refreshed before it was refused.
            return error.code
        return None

    def _remember_touches(self, case):
        """How the timeline grew; the model itself is compared with the row by the invariants."""
        events = models.CaseEvent.objects.filter(case_id=case.pk).order_by("seq")
        self.expected[case.pk].touched = [frozenset(event.decoded().touches) for event in events]

    # --- what holds after every step ---

    @invariant()
    def rows_are_the_fold_of_their_events_and_the_chains_hold(self):
        cases = list(models.Case.objects.filter(pk__in=self.expected))
        assert projection.drift(cases) == []
        assert chain.verify(cases) == []
        for case in cases:
            seqs = list(case.events.order_by("seq").values_list("seq", flat=True))
            assert seqs == list(range(1, case.version + 1))

    @invariant()
    def rows_are_as_the_model_says(self):
        for case in models.Case.objects.filter(pk__in=self.expected).prefetch_related("tags"):
            e = self.expected[case.pk]
            assert (case.status, case.waiting_for, case.version) == (e.status, e.waiting_for, e.version)
            assert case.assignee_id == (self.world.people[e.assignee].pk if e.assignee else None)
            assert (case.unit.number if case.unit else None, bool(case.team_id)) == (e.unit, e.team)
            assert (case.topic.key, case.priority.key) == (e.topic, "urgent" if e.urgent else "normal")
            assert {tag.key for tag in case.tags.all()} == e.tags
            assert (case.flagged, case.escalation_level, case.reopen_count) == (e.flagged, e.level, e.reopened)
            assert (case.deadline, case.snoozed_until) == (e.deadline, e.snoozed)
            assert (case.sla_remaining is not None) == e.paused

    @invariant()
    def nobody_got_past_the_gate(self):
        for case in models.Case.objects.filter(pk__in=self.expected):
            if case.status in OPEN:
                assert (case.resolved_at, case.closed_at) == (None, None)
                continue
            assert case.resolved_at
            assert case.closure_reason_id
            assert (case.status == "closed") == bool(case.closed_at)
            last = case.events.filter(type="resolved").latest("seq")
            assert len(models.CaseNote.objects.get(event=last).text) >= 10


def answered(resolve_args: Any) -> None:
    if resolve_args != (True, LONG):
        raise Refused("gate_not_met")


def unchanged(is_so: bool) -> None:
    if is_so:
        raise Refused("nothing_to_change")


def gate_closed(verb: str, args: Any) -> bool:
    """What is refused before the case is even looked at."""
    if verb in ("note", "escalate"):
        return args == SHORT
    if verb == "wait":
        return args == "nobody"
    return verb == "reopen" and (not args[0] or args[1] == SHORT)


def snapshot(pk: int) -> Any:
    row = models.Case.objects.filter(pk=pk).values().get()
    kept = (models.CaseEvent, models.CaseNote, models.CaseTag)
    return row, [list(model.objects.filter(case_id=pk).order_by("pk").values_list("pk", flat=True)) for model in kept]


def resolution(w: Any, args: Any) -> Resolution:
    return Resolution(w.desk.reason if args[0] else None, args[1])


def rerouting(w: Any, args: Any) -> dict[str, Any]:
    return {"unit": w.units.get(args[0]), "team": w.team if args[1] else None}


def tagging(w: Any, args: Any) -> dict[str, Any]:
    return {"add": [w.tags[key] for key in args[0]], "remove": [w.tags[key] for key in args[1]]}


def priority(w: Any, urgent: bool) -> models.Priority:
    return w.desk.urgent if urgent else w.desk.normal


SINGLE: dict[str, Any] = {
    "start": lambda w, c, a, by: operations.start_case(c, by=by),
    "note": lambda w, c, a, by: operations.add_note(c, text=a, by=by),
    "assign": lambda w, c, a, by: operations.assign_case(c, to=w.people[a], by=by),
    "unassign": lambda w, c, a, by: operations.unassign_case(c, by=by),
    "reroute": lambda w, c, a, by: operations.reroute_case(c, by=by, **rerouting(w, a)),
    "topic": lambda w, c, a, by: operations.change_topic(c, topic=w.topics[a], by=by),
    "priority": lambda w, c, a, by: operations.change_priority(c, priority=priority(w, a), by=by),
    "deadline": lambda w, c, a, by: operations.change_deadline(c, deadline=a, by=by),
    "tag": lambda w, c, a, by: operations.tag_case(c, by=by, **tagging(w, a)),
    "flag": lambda w, c, a, by: (operations.flag_case if a else operations.unflag_case)(c, by=by),
    "escalate": lambda w, c, a, by: operations.escalate_case(c, reason=a, by=by),
    "wait": lambda w, c, a, by: operations.wait_case(c, waiting_for=a, by=by),
    "resume": lambda w, c, a, by: operations.resume_case(c, by=by),
    "resolve": lambda w, c, a, by: operations.resolve_case(c, resolution(w, a), by=by),
    "snooze": lambda w, c, a, by: operations.snooze_case(c, until=a, by=by),
    "wake": lambda w, c, a, by: operations.wake_case(c, by=by),
    "reopen": lambda w, c, a, by: operations.reopen_case(c, reason=w.desk.again if a[0] else None, note=a[1], by=by),
    "close": lambda w, c, a, by: operations.close_case(c, by=by),
}
BATCHES: dict[str, Any] = {
    "assign": lambda w, pk, a, by: operations.assign_cases({pk: w.people[a].pk}, by=by),
    "reroute": lambda w, pk, a, by: operations.reroute_cases([pk], by=by, **rerouting(w, a)),
    "topic": lambda w, pk, a, by: operations.change_topics([pk], topic=w.topics[a], by=by),
    "priority": lambda w, pk, a, by: operations.change_priorities([pk], priority=priority(w, a), by=by),
    "tag": lambda w, pk, a, by: operations.tag_cases([pk], by=by, **tagging(w, a)),
    "resolve": lambda w, pk, a, by: operations.resolve_cases([pk], resolution(w, a), by=by),
    "snooze": lambda w, pk, a, by: operations.snooze_cases([pk], until=a, by=by),
    "wake": lambda w, pk, a, by: operations.wake_cases([pk], by=by),
    "close": lambda w, pk, a, by: operations.close_cases([pk], by=by),
}


def test_whatever_people_try_rows_events_and_the_table_agree(world):
    Lives.world = world
    run_state_machine_as_test(
        Lives,
        settings=settings(
            derandomize=True,  # the same walks in every run; set it to False to explore
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking lives of thirty steps takes minutes
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
