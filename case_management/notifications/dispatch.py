"""From events to the ledger: who is told of what, and who is not and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from case_management.models import CaseEvent, Notification, Preferences, Settings
from case_management.models.due import DueState, due_fields
from case_management.notifications.subscriptions import FAILED, KINDS, WATCHED, Readers, silent

#: Kind of mail → the setting that switches it off for everybody.
SWITCHES = {
    "assigned": "notify_assignee",
    "sla_breached": "notify_breach",
    "sla_warned": "notify_breach",
    "sla_response_missed": "notify_breach",
    "escalated": "notify_escalation",
}

__all__ = ["KINDS", "SWITCHES", "event_types", "react"]


def event_types() -> set[str]:
    """The events that somebody may be told of."""
    return {*SWITCHES, *WATCHED, FAILED}


def react(events: Sequence[CaseEvent]) -> None:
    """Write one row per event and recipient; safe to run twice, because the key is unique."""
    settings, now, readers = Settings.load(), timezone.now(), Readers.of(events)
    told = [(event, user_id, kinds) for event in events for user_id, kinds in sorted(readers.told(event).items())]
    if not told:
        return
    muted = _muted({user_id for _event, user_id, _kinds in told})
    rows = [
        _row(event, (user_id, kinds), _why_not(event, (user_id, kinds[0]), settings, muted), now)
        for event, user_id, kinds in told
    ]
    Notification.objects.owe(rows)


def _muted(user_ids: set[int]) -> set[tuple[int, str]]:
    """Pairs of a person and a kind that this person does not want by mail."""
    chosen = Preferences.objects.filter(user_id__in=user_ids).values_list("user_id", "muted")
    return {(user_id, kind) for user_id, kinds in chosen for kind in kinds}


def _why_not(event: CaseEvent, to: tuple[int, str], settings: Settings, muted: set[tuple[int, str]]) -> str:
    user_id, kind = to
    if kind in SWITCHES and not getattr(settings, SWITCHES[kind]):
        return "switched_off"
    if event.actor_id == user_id:
        return "own_action"
    if kind in WATCHED.values() and (why := silent(event)):
        return why
    return "muted" if to in muted else ""


def _row(event: CaseEvent, to: tuple[int, list[str]], reason: str, now: Any) -> Notification:
    """``to`` is told once; further reasons for which there would be another letter are kept beside it."""
    (user_id, (kind, *also)), due = to, due_fields(now)
    if reason:
        due["state"] = DueState.SUPPRESSED
    return Notification(
        key=f"event:{event.pk}:user:{user_id}:email",
        kind=kind,
        recipient_id=user_id,
        case_id=event.case_id,
        event=event,
        context={"also": also} if also else {},
        reason=reason,
        **due,
    )
