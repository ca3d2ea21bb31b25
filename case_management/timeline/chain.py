"""Tamper evidence: each event's hash covers the one before it, under a key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from case_management import conf
from case_management.models import Case, CaseEvent


def link(previous: str, reference: str, event: CaseEvent) -> str:
    """Hex HMAC-SHA256 of an event and the hash before it; the case's reference keeps chains apart."""
    facts = [
        previous, reference, event.seq, event.type, event.payload, event.actor_kind, event.actor_id, event.actor_label,
        _utc(event.occurred_at), _utc(event.recorded_at), event.caused_by_id, event.depth,
    ]  # fmt: skip
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(conf.timeline_key(), text.encode(), hashlib.sha256).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Break:
    """The first event of a case that is not what was recorded."""

    reference: str
    seq: int
    what: str


def verify(cases: Iterable[Case]) -> list[Break]:
    """Breaks of the given cases, at most one each; an empty list means that nothing was tampered with."""
    by_id = {case.pk: case for case in cases}
    chains: dict[int, list[CaseEvent]] = {pk: [] for pk in by_id}
    for event in CaseEvent.objects.filter(case_id__in=list(by_id)).order_by("case_id", "seq"):
        chains[event.case_id].append(event)
    found = (first_break(by_id[pk], events) for pk, events in chains.items())
    return [broken for broken in found if broken is not None]


def first_break(case: Case, events: list[CaseEvent]) -> Break | None:
    """The first event that was edited, removed, swapped or added; None when the chain holds."""
    previous = ""
    for expected, event in enumerate(events, start=1):
        if event.seq != expected:
            return Break(case.reference, expected, "missing")
        if not hmac.compare_digest(event.hash, link(previous, case.reference, event)):
            return Break(case.reference, event.seq, "altered")
        previous = event.hash
    if case.version != len(events) or case.chain_head != previous:
        return Break(case.reference, len(events) + 1, "end missing")
    return None
