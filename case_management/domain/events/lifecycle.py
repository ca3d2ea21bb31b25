"""What moves a case through its life: opened, started, waiting, resolved, reopened, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event
from case_management.domain.states import Status, WaitingFor


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case exists from here on."""

    code = "opened"
    label = _("Case opened")
    touches = frozenset(
        {
            "status", "topic_id", "case_type_id", "priority_id", "priority_rank", "unit_id", "team_id", "opened_at",
            "awaiting_since", "score",
        }
    )  # fmt: skip
    topic: int
    priority: int
    priority_rank: int
    case_type: int | None = None
    unit: int | None = None
    team: int | None = None
    interaction: int | None = None
    rule: str | None = None
    #: The survey score that the customer gave, as decimal digits; and since when the customer awaits an answer.
    score: str | None = None
    awaiting_since: datetime | None = None

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
            "awaiting_since": self.awaiting_since,
            "score": _score(self.score),
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
    """An internal note was written; its text is in the note's own row. ``mentions`` are the people it calls on."""

    code = "note_added"
    label = _("Note added")
    voice = "note"
    mentions: tuple[int, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Nothing, where nobody is mentioned."""
        return {name: value for name, value in super().payload().items() if value}


@dataclass(frozen=True, kw_only=True)
class CaseCorrected(Event):
    """Title, description or contact were put right; which of them is history, the texts are in the case's row."""

    code = "corrected"
    label = _("Details corrected")
    details: tuple[str, ...] = ()
    #: Attribute of the row → its new value; the recorder writes them to the row, and no event keeps them.
    written: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def may_contest(cls) -> frozenset[str]:
        """The details are no projection, but two people may want to change the same one."""
        return frozenset({"title", "description", "contact"})

    def contested(self) -> frozenset[str]:
        """The details that were put right."""
        return frozenset(self.details)

    def payload(self) -> dict[str, Any]:
        """Which details; the texts stand in the case's row."""
        return {"details": list(self.details)}


@dataclass(frozen=True, kw_only=True)
class InteractionAttached(Event):
    """One more thing that the customer said belongs to this case."""

    code = "interaction_attached"
    label = _("Interaction added")
    is_message = True
    touches = frozenset({"awaiting_since", "score"})
    voice = "in"
    interaction: int
    #: The customer's latest survey score, as decimal digits; and since when the customer awaits an answer.
    score: str | None = None
    awaiting_since: datetime | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Both facts, as decided."""
        return {"awaiting_since": self.awaiting_since, "score": _score(self.score)}


@dataclass(frozen=True, kw_only=True)
class CaseWaiting(Event):
    """The organisation waits for somebody else."""

    code = "waiting"
    label = _("Waiting")
    touches = frozenset({"status", "waiting_for", "awaiting_since"})
    waiting_for: str

    def changes(self, at: datetime) -> dict[str, Any]:
        """Waiting, and for whom; while it is the customer's turn nobody awaits our reply."""
        answered = {"awaiting_since": None} if self.waiting_for == WaitingFor.CUSTOMER else {}
        return {"status": Status.WAITING.value, "waiting_for": self.waiting_for, **answered}


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
        {
            "status", "waiting_for", "resolved_at", "closure_reason_id", "resolution_method_id", "close_channel_id",
            "awaiting_since", "snoozed_until",
        }
    )  # fmt: skip
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
            "awaiting_since": None,
            "snoozed_until": None,
        }


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """It was not settled after all."""

    code = "reopened"
    label = _("Reopened")
    touches = frozenset(
        {
            "status", "resolved_at", "closed_at", "reopen_reason_id", "reopen_count", "breached_at", "merged_into_id",
        }
    )  # fmt: skip
    reason: int | None = None
    count: int = 1
    #: The clock goes on with what was left, so that what it missed stays missed.
    continues: bool | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """In progress again, by itself; the closure reason stays readable, the clock starts anew unless it goes on."""
        return {
            "status": Status.IN_PROGRESS.value,
            "resolved_at": None,
            "closed_at": None,
            **({} if self.continues else {"breached_at": None}),
            "merged_into_id": None,
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


@dataclass(frozen=True, kw_only=True)
class CaseSnoozed(Event):
    """Out of the way until a moment, or until the customer writes."""

    code = "snoozed"
    label = _("Snoozed")
    touches = frozenset({"snoozed_until"})
    until: datetime

    def changes(self, at: datetime) -> dict[str, Any]:
        """When it comes back."""
        return {"snoozed_until": self.until}


@dataclass(frozen=True, kw_only=True)
class CaseWoken(Event):
    """Back in the lists: its time has come, the customer wrote, or somebody woke it."""

    code = "woke"
    label = _("Woken")
    touches = frozenset({"snoozed_until"})

    def changes(self, at: datetime) -> dict[str, Any]:
        """No longer out of the way."""
        return {"snoozed_until": None}


def _score(digits: str | None) -> Decimal | None:
    return None if digits is None else Decimal(digits)
