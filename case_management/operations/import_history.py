"""The life of a case that was lived elsewhere, told as the events that it would have had here."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from case_management.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseFlagged,
    CaseOpened,
    CaseResolved,
    CaseStarted,
    CaseWaiting,
    ClockChanged,
    DeadlineChanged,
    DeadlineMissed,
    Event,
    TagsChanged,
)
from case_management.domain.states import Status, WaitingFor
from case_management.exceptions import RowInvalid
from case_management.models import Case, Priority
from case_management.operations.gate import checked_choice
from case_management.operations.import_book import ImportBook, place_of
from case_management.operations.import_facts import SOME_OPEN_STATUS, CaseFacts, is_done
from case_management.sla.terms import Matter
from case_management.timeline.projection import project

#: When, and what happened.
Step = tuple[datetime, Event]


def history(facts: CaseFacts, book: ImportBook) -> list[Step]:
    """The steps of a new case in the order of time; raises what the row lacks."""
    status = facts.claimed_status()
    if status in ("", SOME_OPEN_STATUS):
        status = Status.IN_PROGRESS if facts.started_at else Status.NEW
    opened_at = facts.opened_at or min((moment for _name, moment in facts.moments()), default=book.now)
    opened, clock = _opening(facts, book, opened_at)
    steps: list[Step] = [(opened_at, event) for event in (*opened, *clock, *_marks(facts, book, status))]
    changed = book.custom.change(_after(steps), facts.custom) if facts.custom else None
    if changed is not None:
        steps.append((opened_at, changed))
    if facts.started_at or status == Status.IN_PROGRESS:
        steps.append((facts.started_at or opened_at, CaseStarted()))
    if status == Status.WAITING:
        since = facts.started_at or opened_at
        steps += [(since, event) for event in _wait(facts, book, _after(steps), since)]
    if is_done(status):
        steps += ending(facts, book, _after(steps), status)
    return with_miss(steps, opened_at, book.now)


def _opening(facts: CaseFacts, book: ImportBook, at: datetime) -> tuple[list[Event], list[Event]]:
    priority = _required(facts, book)
    opened = CaseOpened(
        topic=facts.topic.pk if facts.topic else 0,
        priority=priority.pk,
        priority_rank=priority.rank,
        case_type=_pk(facts.case_type),
        unit=_pk(facts.unit),
        team=_pk(facts.team),
    )
    matter = Matter(priority.pk, opened.case_type, opened.topic, _pk(facts.source), opened.unit)
    return [opened], deadline_of(facts) or book.deadlines.on_open(matter, at)


def _required(facts: CaseFacts, book: ImportBook) -> Priority:
    """What no case can start without; an entry that is no longer offered may stand on a case that is over."""
    if facts.source is None or not facts.external_id:
        raise RowInvalid(
            _("Source and external id are needed to know the case again."),
            column="external_id" if facts.source else "source",
            mend=_("Give each row the id that the old system knows it by; a second run then changes nothing."),
        )
    if not facts.title:
        raise RowInvalid(_("The title is missing."), column="title", mend=_("Write one, or map a column to it."))
    priority = facts.priority or book.priority
    for entry, name in ((facts.topic, "topic"), (priority, "priority")):
        if entry is None or not is_done(facts.claimed_status()):
            checked_choice(entry, name)
    assert priority is not None  # noqa: S101 - checked_choice refused None; this tells the type checker
    return priority


def deadline_of(facts: CaseFacts) -> list[Event]:
    """The deadline that the file gives; no promise of ours is counted beside it."""
    return [DeadlineChanged(deadline=facts.due_at, due_at=facts.due_at)] if facts.due_at else []


def _marks(facts: CaseFacts, book: ImportBook, status: str) -> list[Event]:
    marks: list[Event] = []
    if facts.tags:
        marks.append(TagsChanged(added=tuple(sorted({tag.pk for tag in facts.tags}))))
    if facts.assignee_id:
        if not is_done(status):
            book.require_assignee(facts, place_of(facts, None))
        marks.append(CaseAssigned(to=facts.assignee_id))
    if facts.flagged:
        marks.append(CaseFlagged())
    if facts.escalation_level:
        marks.append(CaseEscalated(level=facts.escalation_level))
    return marks


def _after(steps: list[Step]) -> Case:
    """The case as it is after these steps; not stored."""
    held = Case()
    for at, event in steps:
        project(held, event, at)
    return held


def _wait(facts: CaseFacts, book: ImportBook, held: Case, since: datetime) -> list[Event]:
    """Waiting since the last moment that is known; the clock stands from then on if the policy says so."""
    reason = facts.waiting_for or WaitingFor.CUSTOMER.value
    return [CaseWaiting(waiting_for=reason), *book.deadlines.on_wait(held, reason, since)]


def ending(facts: CaseFacts, book: ImportBook, case: Case, status: str) -> list[Step]:
    """Resolved, and closed where the row says so; the gate is the one that everybody meets."""
    tagged = {tag.category_id for tag in facts.tags or ()} | book.gate.tagged.get(case.pk, set())
    book.require_gate(facts, case, tagged)
    resolved_at = facts.resolved_at or facts.closed_at or book.now
    resolved = CaseResolved(
        reason=_pk(facts.closure_reason),
        method=_pk(facts.resolution_method),
        channel=_pk(facts.close_channel),
        note=book.note(facts),
    )
    closed: list[Step] = [(facts.closed_at or resolved_at, CaseClosed())] if status == Status.CLOSED else []
    return [(resolved_at, resolved), *closed]


def with_miss(steps: list[Step], not_before: datetime, now: datetime) -> list[Step]:
    """The steps in the order of time, and among them the deadline's passing where the case was still open."""
    over = next((at for at, event in steps if isinstance(event, CaseResolved)), now)
    clocks = [event for _at, event in steps if isinstance(event, ClockChanged)]
    due_at = clocks[-1].due_at if clocks else None
    if due_at is not None and due_at < over:
        steps = [*steps, (max(due_at, not_before), DeadlineMissed(due_at=due_at))]
    return sorted(steps, key=_in_time) if len(steps) > 1 else steps


def _in_time(step: Step) -> tuple[datetime, bool]:
    """By moment; of two at the same one, what ends the case comes last."""
    return step[0], isinstance(step[1], (CaseResolved, CaseClosed))


def _pk(entry: object) -> int | None:
    return getattr(entry, "pk", None)
