"""Unmerge: a merged case goes its own way again, and both are what they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.domain.events import (
    CaseMerged,
    CaseUnmerged,
    DeadlineChanged,
    DeadlineMissed,
    Event,
    MergeTakenBack,
    stored_fact,
)
from case_management.exceptions import StaleCase, TransitionNotAllowed
from case_management.models import Case, CaseEvent
from case_management.operations.applying import rows_of
from case_management.operations.merge_book import MergeBook
from case_management.sla.deadlines import by_hand, missed
from case_management.timeline.projection import fold
from case_management.timeline.recorder import Entry, record

#: An event that has changed a fact meanwhile, by the fact's name.
Overtaken = Mapping[str, CaseEvent]


@transaction.atomic
def unmerge_case(case: Case, *, by: Actor, keep_later: bool = False) -> Case:
    """Take the merge of ``case`` back: it and the case that it went into get back exactly what they had.

    Where somebody has meanwhile decided the same facts anew StaleCase names them, who and when, and nothing is written;
    with ``keep_later`` those later decisions stay and all else comes back. What either missed it has still missed: a
    deadline that passed meanwhile is recorded at once on the case whose it was. Raises TransitionNotAllowed where the
    case was not merged or the other was itself merged into a third, RightMissing without the right on both.
    """
    by = by.at_this_moment()
    into = Case.objects.filter(pk=case.pk).values_list("merged_into_id", flat=True).first()
    rows = {row.pk: row for row in rows_of(sorted({case.pk, into or case.pk}), lock=True)}
    held = rows[case.pk]
    target = _target(held, rows)
    step = transitions.require("unmerge", held.state)
    for end in (held, target):
        by.require(step.permission, end)
    history, book = _history(held), MergeBook.read(_history(target))
    overtaken = {**book.overtaken(held.pk), **_overtaken_in(history)}
    if overtaken and not keep_later:
        _refuse(overtaken)
    ends = [
        Entry(held, _of_merged(held, target, history, by), by),
        Entry(target, _of_target(target, held, book, by), by),
    ]
    record(sorted(ends, key=lambda entry: entry.case.pk))
    case.refresh_from_db()
    return case


def _target(case: Case, rows: Mapping[int, Case]) -> Case:
    target = rows.get(case.merged_into_id or 0)
    if target is None:
        message = _("%s is not merged into another case.") % case.reference
        raise TransitionNotAllowed(message, verb="unmerge", status=str(case.status))
    if target.merged_into_id is not None:
        message = _("%s was itself merged into another case; take that merge back first.") % target.reference
        raise TransitionNotAllowed(message, verb="unmerge", status=str(case.status))
    return target


def _history(case: Case) -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(case=case).order_by("seq"))


def _merge_in(history: list[CaseEvent]) -> int:
    """Where in its history the case was merged, the last time."""
    return max(place for place, stored in enumerate(history) if stored.type == CaseMerged.code)


def _overtaken_in(history: list[CaseEvent]) -> dict[str, CaseEvent]:
    later = history[_merge_in(history) + 1 :]
    return {name: stored for stored in later for name in CaseMerged.touches & stored.decoded().touched()}


def _of_merged(case: Case, target: Case, history: list[CaseEvent], by: Actor) -> list[Event]:
    """What the merge had changed comes back; that the deadline passed meanwhile is said at once."""
    kept, blank = _overtaken_in(history), Case()
    before = fold(history[: _merge_in(history)]).values
    values = {name: before.get(name, getattr(blank, name)) for name in sorted(CaseMerged.touches - kept.keys())}
    restored = {name: stored_fact(value) for name, value in values.items() if getattr(case, name) != value}
    reopened = "status" in restored
    return [CaseUnmerged(out_of=target.pk, restored=restored), *(missed(case, by.moment()) if reopened else [])]


def _of_target(target: Case, leaving: Case, book: MergeBook, by: Actor) -> list[Event]:
    staying = set(Case.objects.filter(merged_into=target).exclude(pk=leaving.pk).values_list("pk", flat=True))
    fresh: dict[str, Any] = {
        fact: book.without(fact, staying, own_due=target.sla_due_at)
        for fact in ("awaiting_since", "deadline", "breached_at")
    }
    restored = {
        fact: stored_fact(fresh[fact])
        for fact in ("awaiting_since", "breached_at")
        if fresh[fact] != getattr(target, fact)
    }
    events: list[Event] = [MergeTakenBack(merged=leaving.pk, restored=restored)]
    due_at: datetime | None = target.due_at
    if fresh["deadline"] != target.deadline:
        (changed,) = by_hand(target, fresh["deadline"], by_merge=True)
        assert isinstance(changed, DeadlineChanged)  # noqa: S101 - tells the type checker
        due_at = changed.due_at
        events.append(changed)
    return events + _own_breach(target, fresh["breached_at"], due_at, by.moment())


def _own_breach(target: Case, known: datetime | None, due_at: datetime | None, at: datetime) -> list[Event]:
    """The deadline of its own that passed while an earlier one of the merged case stood before it."""
    until = target.resolved_at or at
    return [DeadlineMissed(due_at=due_at)] if known is None and due_at is not None and due_at < until else []


def _refuse(overtaken: Overtaken) -> None:
    conflicts = [
        {
            "fields": [_label(name)],
            "by": stored.actor_label,
            "event": stored.type,
            "at": formats.date_format(timezone.localtime(stored.occurred_at), "SHORT_DATETIME_FORMAT"),
        }
        for name, stored in overtaken.items()
    ]
    changes = [
        _("%(what)s (%(who)s, %(when)s)") % {"what": each["fields"][0], "who": each["by"] or "?", "when": each["at"]}
        for each in conflicts
    ]
    message = _("This was changed after the merge: %s. Nothing was taken back.") % "; ".join(changes)
    raise StaleCase(message, conflicts=conflicts)


def _label(name: str) -> str:
    return str(getattr(Case._meta.get_field(name.removesuffix("_id")), "verbose_name", name))
