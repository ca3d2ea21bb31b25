"""Resolve: the customer's matter is settled, with a reason, a note and what the case type requires."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from case_management.domain.actor import Actor
from case_management.domain.events import CaseResolved, Event, TagsChanged
from case_management.models import Case, CloseChannel, ClosureReason, NoteSubject, ResolutionMethod, Tag
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.gate import ResolveGate, checked_choice, checked_note
from case_management.sla.deadlines import missed


@dataclass(frozen=True)
class Resolution:
    """Why and how a case was settled: reason and note always, method and channel where configured."""

    reason: ClosureReason | None
    note: str
    method: ResolutionMethod | None = None
    channel: CloseChannel | None = None
    subject: NoteSubject | None = None
    #: Put on the cases that lack a tag of a required category, by whoever may tag them.
    tags: tuple[Tag, ...] = ()


def resolve_case(case: Case, resolution: Resolution, *, by: Actor) -> Case:
    """Resolve an open case. Raises GateNotMet that names everything that is missing, and what every verb raises."""
    by = by.at_this_moment()
    return apply("resolve", case, lambda ids: _decide(ids, resolution, by), by=by)


def resolve_cases(cases: Any, resolution: Resolution, *, by: Actor, check_only: bool = False) -> Outcome:
    """Resolve many cases with the same reason and note; each meets the gate by itself."""
    by = by.at_this_moment()
    plan = partial(_decide, resolution=resolution, by=by)
    return apply_to_each("resolve", cases, plan, by=by, check_only=check_only)


def _decide(case_ids: list[int], resolution: Resolution, by: Actor) -> Decide:
    note = checked_note(resolution.note, resolution.subject)
    checked_choice(resolution.reason, "closure_reason")
    gate = ResolveGate.for_cases(case_ids)
    method, channel = resolution.method, resolution.channel
    for tag in resolution.tags:
        checked_choice(tag, "tag")
    may_tag = by.allowed_among("tag_case", case_ids) if resolution.tags else set[int]()

    def decide(case: Case) -> list[Event]:
        given = gate.give(case, resolution.tags) if case.pk in may_tag else ()
        gate.require(case, method=method, channel=channel)
        tagged = [TagsChanged(added=given)] if given else []
        resolved = CaseResolved(
            reason=resolution.reason.pk if resolution.reason else None,
            method=method.pk if method else None,
            channel=channel.pk if channel else None,
            note=note,
        )
        return [*tagged, *missed(case, by.moment()), resolved]

    return decide
