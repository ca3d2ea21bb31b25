"""What a row may change on an open case beside its status: one small function per column."""

from __future__ import annotations

from collections.abc import Callable

from case_management.domain.events import (
    CaseAssigned,
    CaseFlagged,
    CaseRerouted,
    CaseUnassigned,
    CaseUnflagged,
    Event,
    PriorityChanged,
    TagsChanged,
    TopicChanged,
    TypeChanged,
)
from case_management.models import Case
from case_management.operations.import_book import ImportBook, place_of
from case_management.operations.import_facts import CaseFacts
from case_management.operations.import_history import deadline_of

#: The events that make the case as the row says; none where it is so already, or where the row says nothing.
Aspect = Callable[[Case, CaseFacts, ImportBook], list[Event]]


def _clock(case: Case, facts: CaseFacts, book: ImportBook, **changed: int | None) -> list[Event]:
    """Another promise, where another policy fits; none beside a deadline that the file gives."""
    return [] if facts.due_at else book.deadlines.on_change(case, book.now, **changed)


def _topic(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    if facts.topic is None or facts.topic.pk == case.topic_id:
        return []
    changed = TopicChanged(to=facts.topic.pk, previous=case.topic_id)
    return [changed, *_clock(case, facts, book, topic_id=facts.topic.pk)]


def _type(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    if facts.case_type is None or facts.case_type.pk == case.case_type_id:
        return []
    changed = TypeChanged(to=facts.case_type.pk, previous=case.case_type_id)
    return [changed, *_clock(case, facts, book, case_type_id=facts.case_type.pk)]


def _priority(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    wanted = facts.priority
    if wanted is None or wanted.pk == case.priority_id:
        return []
    changed = PriorityChanged(to=wanted.pk, rank=wanted.rank, previous=case.priority_id)
    return [changed, *_clock(case, facts, book, priority_id=wanted.pk)]


def _deadline(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    return deadline_of(facts) if facts.due_at != case.due_at else []


def _route(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    unit, team = place_of(facts, case)
    if (unit, team) == (case.unit_id, case.team_id):
        return []
    moved = CaseRerouted(unit=unit, team=team, previous_unit=case.unit_id, previous_team=case.team_id)
    clock = _clock(case, facts, book, unit_id=unit)
    if case.assignee_id is None or facts.assignee_id:
        return [moved, *clock]
    return [moved, CaseUnassigned(previous=case.assignee_id), *clock]


def _assignee(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    if facts.assignee_id is None or facts.assignee_id == case.assignee_id:
        return []
    if case.is_open:
        book.require_assignee(facts, place_of(facts, case))
    return [CaseAssigned(to=facts.assignee_id, previous=case.assignee_id)]


def _tags(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    if facts.tags is None:
        return []
    wanted, present = {tag.pk for tag in facts.tags}, book.tags.get(case.pk, set())
    if wanted == present:
        return []
    return [TagsChanged(added=tuple(sorted(wanted - present)), removed=tuple(sorted(present - wanted)))]


def _flag(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    if facts.flagged is None or facts.flagged == case.flagged:
        return []
    return [CaseFlagged()] if facts.flagged else [CaseUnflagged()]


def _custom(case: Case, facts: CaseFacts, book: ImportBook) -> list[Event]:
    changed = book.custom.change(case, facts.custom)
    return [changed] if changed else []


#: Column, verb of the transition table, and what the row asks for.
ASPECTS: tuple[tuple[str, str, Aspect], ...] = (
    ("topic", "change_topic", _topic),
    ("case_type", "change_type", _type),
    ("priority", "change_priority", _priority),
    ("due_at", "change_deadline", _deadline),
    ("unit", "reroute", _route),
    ("assignee", "assign", _assignee),
    ("tags", "tag", _tags),
    ("flagged", "flag", _flag),
    ("custom", "set_fields", _custom),
)
