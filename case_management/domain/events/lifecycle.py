"""What moves a case through its life: opened, started, waiting, resolved, reopened, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event
from case_management.domain.states import Status


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case exists from here on."""

    code = "opened"
    label = _("Case opened")
    touches = frozenset(
        {"status", "topic_id", "case_type_id", "priority_id", "priority_rank", "unit_id", "team_id", "opened_at"}
    )
    topic: int
    priority: int
    priority_rank: int
    case_type: int | None = None
    unit: int | None = None
    team: int | None = None
    interaction: int | None = None
    rule: str | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """The routing facts that the case starts with."""
        return {
            "status": Status.NEW.value,
            "topic_id": self.topic,
            "case_type_id": self.case_type,
            "priority_id": self.priority,
            "priority_rank": self.priority_rank,
            "unit_id": self.unit,
            "team_id": self.team,
            "opened_at": at,
        }


@dataclass(frozen=True, kw_only=True)
class CaseStarted(Event):
    """Somebody took the case up."""

    code = "started"
    label = _("Work started")
    touches = frozenset({"status", "started_at"})

    def changes(self, at: datetime) -> dict[str, Any]:
        """New becomes in progress."""
        return {"status": Status.IN_PROGRESS.value, "started_at": at}


@dataclass(frozen=True, kw_only=True)
class NoteAdded(Event):
    """An internal note was written; its text is in the note's own row."""

    code = "note_added"
    label = _("Note added")


@dataclass(frozen=True, kw_only=True)
class CaseCorrected(Event):
    """Title, description or contact were put right; which of them is history, the texts are in the case's row."""

    code = "corrected"
    label = _("Details corrected")
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InteractionAttached(Event):
    """One more thing that the customer said belongs to this case."""

    code = "interaction_attached"
    label = _("Interaction added")
    interaction: int


@dataclass(frozen=True, kw_only=True)
class CaseWaiting(Event):
    """The organisation waits for somebody else."""

    code = "waiting"
    label = _("Waiting")
    touches = frozenset({"status", "waiting_for"})
    waiting_for: str

    def changes(self, at: datetime) -> dict[str, Any]:
        """Waiting, and for whom."""
        return {"status": Status.WAITING.value, "waiting_for": self.waiting_for}


@dataclass(frozen=True, kw_only=True)
class CaseResumed(Event):
    """The wait is over."""

    code = "resumed"
    label = _("Resumed")
    touches = frozenset({"status", "waiting_for"})

    def changes(self, at: datetime) -> dict[str, Any]:
        """In progress again."""
        return {"status": Status.IN_PROGRESS.value, "waiting_for": ""}


@dataclass(frozen=True, kw_only=True)
class CaseResolved(Event):
    """The organisation considers the customer's matter settled."""

    code = "resolved"
    label = _("Resolved")
    touches = frozenset(
        {"status", "waiting_for", "resolved_at", "closure_reason_id", "resolution_method_id", "close_channel_id"}
    )
    reason: int | None = None
    method: int | None = None
    channel: int | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Resolved: when, why, by which method and through which channel."""
        return {
            "status": Status.RESOLVED.value,
            "waiting_for": "",
            "resolved_at": at,
            "closure_reason_id": self.reason,
            "resolution_method_id": self.method,
            "close_channel_id": self.channel,
        }


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """It was not settled after all."""

    code = "reopened"
    label = _("Reopened")
    touches = frozenset({"status", "resolved_at", "closed_at", "reopen_reason_id", "reopen_count", "breached_at"})
    reason: int | None = None
    count: int = 1

    def changes(self, at: datetime) -> dict[str, Any]:
        """In progress again; the closure reason stays readable, the clock starts anew."""
        return {
            "status": Status.IN_PROGRESS.value,
            "resolved_at": None,
            "closed_at": None,
            "breached_at": None,
            "reopen_reason_id": self.reason,
            "reopen_count": self.count,
        }


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """Locked: only a reopening touches it from here on."""

    code = "closed"
    label = _("Closed")
    touches = frozenset({"status", "closed_at"})

    def changes(self, at: datetime) -> dict[str, Any]:
        """Closed for good."""
        return {"status": Status.CLOSED.value, "closed_at": at}
