"""Two real logs as what was done to each case and when: to be imported as they were, and to be lived again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.text import slugify

from case_management import models, operations
from case_management.domain import events
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError
from case_management.jobs import react
from case_management.models.calendar import WEEKDAYS
from case_management.operations.record_histories import History, Step, record_histories
from case_management.sla.deadlines import Deadlines
from case_management.sla.terms import Matter
from case_management.testing import make_topic, make_user
from tests.sla.histories import incident_told, ticket_told

NOTE = "As the log says."
RANKS = {"1-critical": 1, "2-high": 2, "3-moderate": 3, "4-low": 4}
#: What a ticket is about from this activity on.
ABOUT = {"Create SW anomaly": "software", "Require upgrade": "upgrade"}
UNKNOWN = "?"


@dataclass(frozen=True)
class Did:
    """One thing that somebody (``who``: a user's name, empty for the log itself) did to a case."""

    name: str
    verb: str
    at: datetime
    value: Any = None
    who: str = ""


class Told:
    """A case told row by row: what each row says anew becomes the deeds that lead there."""

    def __init__(self, name: str) -> None:
        self._name, self.deeds = name, list[Did]()
        self._facts = {"topic": UNKNOWN, "priority": UNKNOWN, "team": UNKNOWN, "person": UNKNOWN}
        self._status, self._waits_for = "new", ""

    def row(self, at: datetime, state: tuple[str, str], facts: dict[str, str], who: str = "") -> None:
        """One more row; what it does not say (?) stays."""
        self._at, self._who = at, who
        if not self.deeds:
            self._facts |= {name: facts.get(name, UNKNOWN) for name in ("topic", "priority", "team")}
            self._do("open", dict(self._facts))
        self._go_on(*state)
        if self._status not in ("resolved", "closed"):
            self._change(facts)
        self._come_to(*state)

    def _do(self, verb: str, value: Any = None) -> None:
        self.deeds.append(Did(self._name, verb, self._at, value, self._who))

    def _go_on(self, status: str, waits_for: str) -> None:
        if self._status in ("resolved", "closed") and status not in ("new", "resolved", "closed"):
            self._do("reopen")
            self._status = "in_progress"
        if self._status == "waiting" and (status, waits_for) != ("waiting", self._waits_for) and status != "new":
            self._do("resume")
            self._status = "in_progress"
        if self._status == "new" and status == "in_progress":
            self._do("start")
            self._status = "in_progress"

    def _change(self, facts: dict[str, str]) -> None:
        for name in ("priority", "topic", "team", "person"):
            value = facts.get(name, UNKNOWN)
            if value in (UNKNOWN, self._facts[name]):
                continue
            self._do(name, value)
            self._facts[name] = value
            if name == "team":
                # Who takes a case over decides anew whose it is.
                self._facts["person"] = UNKNOWN

    def _come_to(self, status: str, waits_for: str) -> None:
        if status == "waiting" and self._status in ("new", "in_progress"):
            self._do("wait", waits_for)
            self._status, self._waits_for = status, waits_for
        if status in ("resolved", "closed") and self._status not in ("resolved", "closed"):
            self._do("resolve")
            self._status = "resolved"
        if status == "closed" and self._status == "resolved":
            self._do("close")
            self._status = "closed"


def incident(name: str, rows: list[dict[str, str]]) -> list[Did]:
    """What was done to an incident."""
    told = Told(name)
    for row, (at, status, holder) in zip(rows, incident_told(rows), strict=True):
        said = {"topic": "category", "priority": "priority", "team": "assignment_group", "person": "assigned_to"}
        told.row(at, (str(status), holder), {fact: slugify(row[column]) or UNKNOWN for fact, column in said.items()})
    return told.deeds


def ticket(name: str, rows: list[dict[str, str]]) -> list[Did]:
    """What was done to a ticket, and by whom: whoever does something has it from then on."""
    told = Told(name)
    for row, (at, status, holder) in zip(rows, ticket_told(rows), strict=True):
        who, activity = slugify(row["org:resource"]), row["concept:name"]
        facts = {"topic": ABOUT.get(activity, "help" if not told.deeds else UNKNOWN), "person": who}
        told.row(at, (str(status), holder), facts | ({} if told.deeds else {"priority": "3-moderate"}), who)
    return told.deeds


def world(lives: Iterable[list[Did]]) -> None:
    """What the cases of a log name: lists, people, and a promise that depends on the priority."""
    deeds = [did for deeds in lives for did in deeds]
    facts = [did.value for did in deeds if did.verb == "open"]
    named = {name: {each[name] for each in facts} | {did.value for did in deeds if did.verb == name}
             for name in ("topic", "priority", "team", "person")}  # fmt: skip
    for key in sorted(named["topic"] | {"elsewhere"}):
        make_topic(slugify(key) or "unknown")
    calendar = models.BusinessCalendar.objects.create(
        name="Office", timezone="Europe/Rome", **dict.fromkeys(WEEKDAYS[:5], "09:00-12:30, 13:30-18:00")
    )
    for key, rank in RANKS.items():
        priority = models.Priority.objects.create(name=key, key=key, rank=rank, is_default=rank == 3)
        policy = models.SlaPolicy.objects.create(name=key, key=key, calendar=calendar, priority=priority)
        models.SlaTarget.objects.create(policy=policy, minutes=240 * rank)
    for key in sorted((named["team"] | {"second-line"}) - {UNKNOWN}):
        models.Team.objects.create(name=key, key=key)
    for name in sorted((named["person"] | {did.who for did in deeds} | {"lead"}) - {UNKNOWN, ""}):
        make_user(name, role="Case manager")
    category = models.TagCategory.objects.create(name="Watch")
    for key in ("watch", "again"):
        models.Tag.objects.create(name=key, key=key, category=category)
    models.ClosureReason.objects.create(name="Solved", key="solved")
    models.ReopenReason.objects.create(name="Again", key="again")
    models.Source.objects.create(name="Log", key="log")


class Entries:
    """The rows of the lists by key, read once."""

    def __init__(self) -> None:
        self._of = {
            "topic": {each.key: each for each in models.Topic.objects.all()},
            "priority": {each.key: each for each in models.Priority.objects.all()},
            "team": {each.key: each for each in models.Team.objects.all()},
            "person": {each.user.username: each.user for each in models.Membership.objects.select_related("user")},
        }
        self.solved, self.again = models.ClosureReason.objects.get(), models.ReopenReason.objects.get()
        self.source, self.deadlines = models.Source.objects.get(), Deadlines.load()

    def get(self, name: str, key: str) -> Any:
        """The row; None for what the log does not say."""
        if key == UNKNOWN:
            return self._of["topic"]["unknown"] if name == "topic" else None
        return self._of[name][key]

    def actor(self, did: Did) -> Actor:
        """Who did it."""
        return Actor.from_user(self._of["person"][did.who]) if did.who else Actor.importing(None, batch="log")


def bring_in(lives: Iterable[list[Did]]) -> None:
    """Import the lives with their events, all at once."""
    entries = Entries()
    record_histories([_history(deeds, entries) for deeds in lives])


def _history(deeds: list[Did], entries: Entries) -> History:
    name = deeds[0].name
    case = models.Case(reference=name[-12:], external_id=name, source=entries.source, title=name)
    steps = [Step(_STEPS.get(did.verb, did.verb), did.at, entries.actor(did), _decide(did, entries)) for did in deeds]
    return History(case, steps)


_STEPS = {"priority": "change_priority", "topic": "change_topic", "team": "reroute", "person": "assign"}


def _decide(did: Did, entries: Entries) -> Callable[[models.Case], list[events.Event]]:
    """What the deed decides, told without the verbs."""
    at, clock = did.at, entries.deadlines

    def opened(case):
        topic, priority, team = (entries.get(name, did.value[name]) for name in ("topic", "priority", "team"))
        fact = events.CaseOpened(
            topic=topic.pk, priority=priority.pk, priority_rank=priority.rank, team=team.pk if team else None
        )
        return [fact, *clock.on_open(Matter(priority.pk, topic_id=topic.pk, source_id=entries.source.pk), at)]

    def priority(case):
        to = entries.get("priority", did.value)
        changed = events.PriorityChanged(to=to.pk, rank=to.rank, previous=case.priority_id)
        return [changed, *clock.on_change(case, at, priority_id=to.pk)]

    def topic(case):
        to = entries.get("topic", did.value)
        changed = events.TopicChanged(to=to.pk, previous=case.topic_id)
        return [changed, *clock.on_change(case, at, topic_id=to.pk)]

    def team(case):
        moved = events.CaseRerouted(unit=None, team=entries.get("team", did.value).pk, previous_team=case.team_id)
        return [moved, *([events.CaseUnassigned(previous=case.assignee_id)] if case.assignee_id else [])]

    def person(case):
        return [events.CaseAssigned(to=entries.get("person", did.value).pk, previous=case.assignee_id)]

    def reopen(case):
        again = events.CaseReopened(
            reason=entries.again.pk, count=case.reopen_count + 1, continues=clock.goes_on(case) or None
        )
        return [again, *clock.on_reopen(case, at)]

    return {
        "open": opened, "priority": priority, "topic": topic, "team": team, "person": person, "reopen": reopen,
        "start": lambda case: [events.CaseStarted()],
        "wait": lambda case: [events.CaseWaiting(waiting_for=did.value), *clock.on_wait(case, did.value, at)],
        "resume": lambda case: [events.CaseResumed(), *clock.on_resume(case, at)],
        "resolve": lambda case: [*_missed(case, at), events.CaseResolved(reason=entries.solved.pk)],
        "close": lambda case: [events.CaseClosed()],
    }[did.verb]  # fmt: skip


def _missed(case: models.Case, at: datetime) -> list[events.Event]:
    late = case.due_at is not None and case.due_at < at and case.breached_at is None
    return [events.DeadlineMissed(due_at=case.due_at)] if late else []


def live_again(lives: Iterable[list[Did]], clock: Any) -> None:
    """Do the same at the same moments with the verbs; after each moment of a case everybody reacts."""
    entries, cases = Entries(), dict[str, models.Case]()
    deeds = sorted((did for deeds in lives for did in deeds), key=lambda did: (did.at, did.name))
    for (at, name), together in groupby(deeds, attrgetter("at", "name")):
        clock.now = at
        for did in together:
            # The rule may have been quicker: then nothing happens.
            with suppress(CaseManagementError):
                _do(did, cases, entries)
        while react.run_reactions():
            continue
        cases[name].refresh_from_db()


def _do(did: Did, cases: dict[str, models.Case], entries: Entries) -> None:
    by = entries.actor(did)
    if did.verb == "open":
        topic, priority, team = (entries.get(name, did.value[name]) for name in ("topic", "priority", "team"))
        draft = operations.CaseDraft(
            title=did.name, topic=topic, priority=priority, team=team, source=entries.source, external_id=did.name
        )
        cases[did.name] = operations.open_case(draft, by=by)
        return
    case, value = cases[did.name], did.value
    {
        "priority": lambda: operations.change_priority(case, priority=entries.get("priority", value), by=by),
        "topic": lambda: operations.change_topic(case, topic=entries.get("topic", value), by=by),
        "team": lambda: operations.reroute_case(case, unit=None, team=entries.get("team", value), by=by),
        "person": lambda: operations.assign_case(case, to=entries.get("person", value), by=by),
        "start": lambda: operations.start_case(case, by=by),
        "wait": lambda: operations.wait_case(case, waiting_for=value, by=by),
        "resume": lambda: operations.resume_case(case, by=by),
        "resolve": lambda: operations.resolve_case(
            case, operations.Resolution(reason=entries.solved, note=NOTE), by=by
        ),
        "reopen": lambda: operations.reopen_case(case, reason=entries.again, note=NOTE, by=by),
        "close": lambda: operations.close_case(case, by=by),
    }[did.verb]()  # fmt: skip
