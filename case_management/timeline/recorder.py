"""Recording is the only way a case changes: rows, events, receipts and projection of many cases in a few statements.

Recording for one case is a batch of one. The caller holds the rows' locks (see ``operations.applying``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from case_management import conf
from case_management.background import wake
from case_management.domain.actor import Actor
from case_management.domain.events import EVENTS, CaseCorrected, CustomFieldsChanged, Event, TagsChanged
from case_management.models import Case, CaseEvent, CaseNote, CaseTag, ReactionReceipt
from case_management.models.due import due_fields
from case_management.signals import case_event_recorded
from case_management.sla.following import follow_clocks
from case_management.timeline import chain, projection, reactions, texts
from case_management.timeline.storing import insert, rewrite

#: Codes of the events after which somebody may have room for a case that waits for somebody.
FREEING = frozenset(code for code, event in EVENTS.items() if event.touches & {"assignee_id", "resolved_at"})


@dataclass(frozen=True)
class Entry:
    """What happens to one case: events in order, and who caused them; a case may have several entries."""

    case: Case
    events: Sequence[Event]
    by: Actor


@transaction.atomic
def record(entries: Sequence[Entry], *, quietly: bool = False) -> list[CaseEvent]:
    """Append the events, project the cases' rows, and leave receipts for the reactors.

    Cases without a primary key are inserted. ``quietly`` is for history that was lived elsewhere: nobody reacts to it.
    The number of statements depends on the number of chunks (``CHUNK_SIZE``), not on the number of cases.
    """
    recorded_at, stored = timezone.now(), []
    for chunk in _chunks(entries):
        stored += _record_chunk(chunk, recorded_at, quietly=quietly)
    if not quietly:
        _announce(stored, recorded_at)
    return stored


def _chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Some thousand entries each; those of one case, which stand side by side, stay together."""
    chunk: list[Entry] = []
    for entry in entries:
        if len(chunk) >= conf.chunk_size() and entry.case is not chunk[-1].case:
            yield chunk
            chunk = []
        chunk.append(entry)
    if chunk:
        yield chunk


def _record_chunk(entries: Sequence[Entry], recorded_at: datetime, *, quietly: bool) -> list[CaseEvent]:
    drafted = [(entry, event, _draft(entry, event, recorded_at)) for entry in entries for event in entry.events]
    touched = {id(entry.case): entry.case for entry in entries if entry.events}.values()
    fresh = [case for case in touched if case.pk is None]
    _save_rows(touched, _columns(drafted))
    for entry, _event, stored in drafted:
        stored.case_id = entry.case.pk
    insert([stored for _, _, stored in drafted])
    _save_notes([(event, stored) for _, event, stored in drafted if event.note])
    _save_tags([(stored.case_id, event) for _, event, stored in drafted if isinstance(event, TagsChanged)])
    steps = [(entry.case, event, stored.occurred_at) for entry, event, stored in drafted]
    follow_clocks(steps, passed=recorded_at if quietly else None)
    texts.follow(fresh, [(entry.case, event) for entry, event, _ in drafted])
    return [stored for _, _, stored in drafted]


def _draft(entry: Entry, event: Event, recorded_at: datetime) -> CaseEvent:
    """Project the event onto the row in memory and draw up the stored event with its place in the chain."""
    case, by, at = entry.case, entry.by, entry.by.moment()
    cause = by.causes.get(case.pk)
    projection.project(case, event, at)
    case.version += 1
    stored = CaseEvent(
        seq=case.version,
        type=event.code,
        payload=event.payload(),
        actor_kind=by.kind.value,
        actor_id=by.user_id,
        actor_label=by.label,
        occurred_at=at,
        recorded_at=recorded_at,
        caused_by_id=cause.event_id if cause else None,
        depth=cause.depth if cause else 0,
    )
    case.chain_head = stored.hash = chain.link(case.chain_head, case.reference, stored)
    return stored


def _columns(drafted: list[tuple[Entry, Event, CaseEvent]]) -> tuple[str, ...]:
    """What is written of each row: texts and the contact are no projection, and only where some changed."""
    events = [event for _, event, _ in drafted]
    texts = any(isinstance(event, CustomFieldsChanged) and event.written for event in events)
    details = {name for event in events if isinstance(event, CaseCorrected) for name in event.written}
    return (*projection.PROJECTED, *(["custom_texts"] if texts else []), *sorted(details))


def _save_rows(cases: Collection[Case], columns: tuple[str, ...]) -> None:
    fresh = [case for case in cases if case.pk is None]
    known = {case.pk: case for case in cases if case.pk is not None}
    insert(fresh)
    if len(known) == 1:
        next(iter(known.values())).save(update_fields=columns)
    elif known:
        rewrite(list(known.values()), columns)


def _save_notes(written: list[tuple[Event, CaseEvent]]) -> None:
    CaseNote.objects.bulk_create(
        CaseNote(case_id=stored.case_id, event=stored, subject_id=event.note.subject_id, text=event.note.text)
        for event, stored in written
        if event.note
    )


def _save_tags(changes: list[tuple[int, TagsChanged]]) -> None:
    """Write the last word on each (case, tag): a chunk may hold several changes of one case."""
    last: dict[tuple[int, int], bool] = {}
    for case_id, event in changes:
        last.update({(case_id, tag): True for tag in event.added} | {(case_id, tag): False for tag in event.removed})
    added = [CaseTag(case_id=case_id, tag_id=tag) for (case_id, tag), stays in last.items() if stays]
    CaseTag.objects.bulk_create(added, ignore_conflicts=True)
    for gone in {tag for (_, tag), stays in last.items() if not stays}:
        case_ids = [case_id for (case_id, tag), stays in last.items() if tag == gone and not stays]
        CaseTag.objects.filter(case_id__in=case_ids, tag_id=gone).delete()


def _announce(stored: list[CaseEvent], now: datetime) -> None:
    owing = reactions.owing()
    owed = [
        ReactionReceipt(event=event, reactor=reactor, **due_fields(now))
        for event in stored
        for reactor in owing.get(event.type, ())
    ]
    ReactionReceipt.objects.bulk_create(owed, batch_size=conf.chunk_size())
    if owed:
        wake("reactions")
    if any(event.type in FREEING for event in stored):
        wake("assignments")
    if case_event_recorded.has_listeners():
        transaction.on_commit(lambda: _tell_host(stored), robust=True)


def _tell_host(stored: list[CaseEvent]) -> Any:
    for event in stored:
        case_event_recorded.send_robust(sender=CaseEvent, event=event)
