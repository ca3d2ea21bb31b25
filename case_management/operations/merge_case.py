"""Merge: the matter goes on in another case; the merged one is closed and says where it went."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseMerged, DeadlineMissed, Event, MergeReceived
from case_management.exceptions import NothingToChange, RightMissing, TransitionNotAllowed, ValueUnknown
from case_management.models import Case
from case_management.operations.applying import Decide, Outcome, entries_of, rows_of
from case_management.sla.deadlines import by_hand, missed
from case_management.timeline.recorder import Entry

#: More cases than this are not one matter; a merge is one transaction.
MOST = 100


def merge_case(case: Case, *, into: Case, by: Actor) -> Case:
    """Close ``case`` as merged into ``into``; the same object comes back, refreshed and changed.

    Raises TransitionNotAllowed when either is not open, RightMissing without the right on both, NothingToChange for a
    case and itself.
    """
    outcome = merge_cases([case.pk], into=into, by=by)
    for refusal in outcome.refused:
        raise refusal.error
    case.refresh_from_db()
    return case


def merge_cases(cases: Any, *, into: Case, by: Actor, check_only: bool = False) -> Outcome:
    """Merge up to a hundred cases into one, all in one transaction.

    The target keeps the earliest deadline and the earliest missed deadline of all, so no breach is hidden, and since
    when the first of them awaits our reply. ``done`` holds the merged cases; ``spans`` holds the target's events too.
    Raises what forbids the target.
    """
    ids = sorted(cases if isinstance(cases, (list, set, tuple)) else cases.values_list("pk", flat=True))
    if len(ids) > MOST:
        raise ValueUnknown(_("At most %d cases can be merged into one at once; choose fewer.") % MOST, fields=["case"])
    by, outcome = by.at_this_moment(), Outcome()
    with transaction.atomic():
        rows = {case.pk: case for case in rows_of(sorted({*ids, into.pk}), lock=not check_only)}
        target = rows[into.pk]
        _require_target(target, rows, by)
        decide = _merging(target, by.allowed_among("merge_case", ids), by)
        entries = entries_of("merge", (rows[pk] for pk in ids if pk in rows), decide, outcome, by=by)
        received = _received(target, entries)
        outcome.settle(entries, check_only=check_only)
        if received and not check_only:
            receipt = Outcome()
            receipt.settle([Entry(target, received, by)])
            outcome.spans |= receipt.spans
    into.refresh_from_db()
    return outcome


def where_it_goes_on(case: Case) -> Case:
    """The case itself, or the one at the end of its merges."""
    while case.merged_into is not None:
        case = case.merged_into
    return case


def _require_target(target: Case, rows: dict[int, Case], by: Actor) -> None:
    by.require("merge_case", target)
    if target.is_open:
        return
    message = _("%(case)s is %(status)s; choose an open case to merge into.")
    if target.merged_into_id in rows:
        message = _("%(case)s was itself merged into %(into)s; choose that one to merge into.")
    into = rows.get(target.merged_into_id or 0)
    facts = {"case": target.reference, "status": str(target.state.label).lower(), "into": into and into.reference}
    raise TransitionNotAllowed(message % facts, verb="merge", status=str(target.status), fields=["into"])


def _merging(target: Case, allowed: set[int], by: Actor) -> Decide:
    def decide(case: Case) -> list[Event]:
        if case.pk not in allowed:
            raise RightMissing(by.refusal("merge_case"), permission="merge_case")
        if case.pk == target.pk:
            raise NothingToChange(_("A case cannot be merged into itself."))
        return [*missed(case, by.moment()), CaseMerged(into=target.pk)]

    return decide


def _received(target: Case, entries: list[Entry]) -> list[Event]:
    """What happens to the target; to be asked before the merged cases are projected."""
    if not entries:
        return []
    waits = [entry.case for entry in entries if entry.case.awaiting_since]
    longest = min(waits, key=lambda case: case.awaiting_since, default=None)
    if longest and target.awaiting_since is not None and target.awaiting_since <= longest.awaiting_since:
        longest = None
    events: list[Event] = [
        MergeReceived(
            merged=entry.case.pk,
            awaiting_since=entry.case.awaiting_since if entry.case is longest else None,
            waited_since=entry.case.awaiting_since,
            due_at=entry.case.due_at,
            breached_at=_breach(entry),
        )
        for entry in entries
    ]
    due = min((entry.case.due_at for entry in entries if entry.case.due_at), default=None)
    if due is not None and (target.due_at is None or due < target.due_at):
        events += by_hand(target, min(due, target.deadline or due), by_merge=True)
    found = (moment for entry in entries if (moment := _breach(entry)) is not None)
    breach = min(found, default=None)
    if breach is not None and (target.breached_at is None or breach < target.breached_at):
        events.append(DeadlineMissed(due_at=breach, by_merge=True))
    return events


def _breach(entry: Entry) -> Any:
    """When the case missed its deadline, counting what the merge itself finds out."""
    fresh = (event.due_at for event in entry.events if isinstance(event, DeadlineMissed))
    return entry.case.breached_at or next(fresh, None)
