"""Keeps the rows of clocks in step with what is recorded on cases, in the transaction in which it is recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from case_management.domain.events import EVENTS, ClockMarked, Event, MessageSent
from case_management.models import Case, SlaClock, SlaMark
from case_management.models.among import among
from case_management.sla.clock_rows import PROMISE, CaseClocks, Kept
from case_management.sla.moments import restores_facts
from case_management.sla.versions import kept_terms, kept_versions

#: What clocks look at.
_FACTS = PROMISE | {"status", "waiting_for", "awaiting_since"}
#: Codes of the events that may move a clock.
MOVING = frozenset(
    code
    for code, event in EVENTS.items()
    if event.touches & _FACTS or issubclass(event, (ClockMarked, MessageSent)) or restores_facts(event)
)
Step = tuple[Case, Event, datetime]
_COLUMNS = ["terms", "calendar", "target", "due_at", "remaining", "ended_at", "next_at"]


def follow_clocks(steps: Sequence[Step], *, passed: datetime | None = None) -> None:
    """Write the clocks of these cases, which have primary keys, after these events in their order.

    What marks lie before ``passed`` (for history that was lived elsewhere) count as reached without a word.
    Cases whose policies warn of nothing, climb no ladder and promise no replies have no rows: two queries, or none.
    """
    moving = [step for step in steps if step[1].code in MOVING]
    kept_ids = {case.sla_terms_id for case, _event, _at in moving} | {_terms_of(event) for _case, event, _at in moving}
    wanted = {pk for pk in kept_ids if pk}
    if not wanted and not any(_promises_nothing(event, at) for _case, event, at in moving):
        return
    found = {case.pk: CaseClocks(Kept({}, {})) for case, _event, _at in moving}
    for row in SlaClock.objects.filter(case__in=among(SlaClock, found)).order_by("case", "started_at", "number"):
        found[row.case_id].rows.append(row)
    rows = [row for clocks in found.values() for row in clocks.rows]
    kept = _read(wanted | {row.terms_id for row in rows}, moving, rows)
    if kept.terms:
        _take(found, kept, moving)
        _write(found, passed)


def _terms_of(event: Event) -> int | None:
    return getattr(event, "terms", None)


def _promises_nothing(event: Event, at: datetime) -> bool:
    """Whether a promise may have ended with it: the case, as it is now, no longer names the terms of that."""
    facts = event.changes(at)
    return "sla_target" in facts and not facts["sla_target"]


def _read(terms_ids: set[int], moving: Iterable[Step], rows: Iterable[SlaClock]) -> Kept:
    terms = {pk: terms for pk, terms in kept_terms(terms_ids).items() if terms.has_marks}
    named = {case.sla_calendar_id for case, _event, _at in moving}
    named |= {getattr(event, "calendar", None) for _case, event, _at in moving}
    hours = {pk for pk in (*named, *(row.calendar_id for row in rows)) if pk}
    return Kept(terms, kept_versions(hours) if terms else {})


def _take(found: dict[int, CaseClocks], kept: Kept, moving: Iterable[Step]) -> None:
    reached: dict[int, set[tuple[str, int]]] = defaultdict(set)
    known = [row.pk for clocks in found.values() for row in clocks.rows]
    marks = SlaMark.objects.filter(clock__in=among(SlaMark, known)) if known else SlaMark.objects.none()
    for clock_id, kind, value in marks.values_list("clock_id", "kind", "value"):
        reached[clock_id].add((kind, value))
    for clocks in found.values():
        clocks.kept = kept
        clocks.reached = {(row.metric, row.number): reached[row.pk] for row in clocks.rows}
    for case, event, at in moving:
        found[case.pk].take(event, at, _held(case, event, at))


def _held(case: Case, event: Event, at: datetime) -> Mapping[str, Any]:
    """The promise after the event: what restores facts is the last word on its case, whose row has them all."""
    return {name: getattr(case, name) for name in PROMISE} if restores_facts(event) else event.changes(at)


def _write(found: Mapping[int, CaseClocks], passed: datetime | None) -> None:
    rows = []
    for case_id, clocks in found.items():
        if passed is not None:
            clocks.pass_over(passed)
        for row in clocks.changed.values():
            row.case_id = case_id
            rows.append(row)
    known = [row for row in rows if row.pk is not None]
    SlaClock.objects.bulk_create([row for row in rows if row.pk is None], batch_size=500)
    SlaClock.objects.bulk_update(known, _COLUMNS, batch_size=500)
    SlaMark.objects.bulk_create([mark for clocks in found.values() for mark in clocks.marks], batch_size=500)
