"""From events to the ledger: who is told of what, and who is not and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone

from case_management.access import Coverage
from case_management.models import Case, CaseEvent, Notification, Settings
from case_management.models.due import DueState, due_fields

#: Whoever holds this right at or above the case's unit is told of its escalations.
MANAGES = "oversee_case"
#: Event type → the setting that switches its mail off.
SWITCHES = {"assigned": "notify_assignee", "sla_breached": "notify_breach", "escalated": "notify_escalation"}


def event_types() -> set[str]:
    """The events that somebody may be told of."""
    return set(SWITCHES)


def react(events: Sequence[CaseEvent]) -> None:
    """Write one row per event and recipient; safe to run twice, because the key is unique."""
    settings, now = Settings.load(), timezone.now()
    cases = Case.objects.in_bulk([event.case_id for event in events])
    escalated = [cases[event.case_id] for event in events if event.type == "escalated"]
    managers = Coverage.load(MANAGES, escalated, available_only=False)
    rows = [
        _row(event, user_id, _why_not(event, user_id, settings), now)
        for event in events
        for user_id in sorted(set(_recipients(event, cases[event.case_id], managers)))
    ]
    Notification.objects.owe(rows)


def _recipients(event: CaseEvent, case: Case, managers: Coverage) -> Iterator[int]:
    if event.type == "assigned":
        yield int(event.payload["to"])
    elif case.assignee_id:
        yield case.assignee_id
    if event.type == "escalated":
        yield from managers.of_unit(case)


def _why_not(event: CaseEvent, user_id: int, settings: Settings) -> str:
    if not getattr(settings, SWITCHES[event.type]):
        return "switched_off"
    return "own_action" if event.actor_id == user_id else ""


def _row(event: CaseEvent, user_id: int, reason: str, now: Any) -> Notification:
    due = due_fields(now)
    if reason:
        due["state"] = DueState.SUPPRESSED
    return Notification(
        key=f"event:{event.pk}:user:{user_id}:email",
        kind=event.type,
        recipient_id=user_id,
        case_id=event.case_id,
        event=event,
        reason=reason,
        **due,
    )
