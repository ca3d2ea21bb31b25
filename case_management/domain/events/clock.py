"""What moves the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event

#: Stands for "no deadline" in the column that lists are sorted by, so that sorting never meets a null.
NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ClockChanged(Event):
    """Base of what moves the deadline; the payload is the whole clock, as decided."""

    touches = frozenset(
        {
            "sla_policy_id", "sla_calendar_id", "sla_terms_id", "sla_target", "sla_due_at", "sla_remaining",
            "deadline", "due_at", "urgent_at",
        }
    )  # fmt: skip
    policy: int | None = None
    #: The version of the calendar that the promise runs on; older events do not say.
    calendar: int | None = None
    #: The version of the policy; older events do not say.
    terms: int | None = None
    target: int | None = None
    sla_due_at: datetime | None = None
    remaining: int | None = None
    deadline: datetime | None = None
    due_at: datetime | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Every field of the clock: seconds for target and remaining, aware times for the rest."""
        return {
            "sla_policy_id": self.policy,
            "sla_calendar_id": self.calendar,
            "sla_terms_id": self.terms,
            "sla_target": self.target,
            "sla_due_at": self.sla_due_at,
            "sla_remaining": self.remaining,
            "deadline": self.deadline,
            "due_at": self.due_at,
            "urgent_at": self.due_at or NO_DEADLINE,
        }


@dataclass(frozen=True, kw_only=True)
class SlaApplied(ClockChanged):
    """A policy set, or re-set, the time to resolve."""

    code = "sla_applied"
    label = _("Time to resolve set")
    #: From when on it counts, where that lies before the event: a case that was split off keeps its customer's wait.
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SlaPaused(ClockChanged):
    """The clock stands while the case waits."""

    code = "sla_paused"
    label = _("Clock paused")


@dataclass(frozen=True, kw_only=True)
class SlaResumed(ClockChanged):
    """The clock runs again with what was left."""

    code = "sla_resumed"
    label = _("Clock resumed")


@dataclass(frozen=True, kw_only=True)
class DeadlineChanged(ClockChanged):
    """A person set or cleared a deadline by hand, or a merge brought an earlier one or took it away again."""

    code = "deadline_changed"
    label = _("Deadline changed")
    by_merge: bool | None = None


@dataclass(frozen=True, kw_only=True)
class DeadlineMissed(Event):
    """The case was still open when its deadline passed; once per clock."""

    code = "sla_breached"
    label = _("Deadline missed")
    touches = frozenset({"breached_at"})
    due_at: datetime
    #: It was a merged case that missed it.
    by_merge: bool | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """The moment that was missed."""
        return {"breached_at": self.due_at}


@dataclass(frozen=True, kw_only=True)
class ClockMarked(Event):
    """Base of what the sweep finds on a clock: the ``number``-th of its metric came to a mark; once per clock.

    ``value`` is a share in per cent or a level; ``due_at`` is when the clock is due.
    """

    kind: ClassVar[str] = ""
    metric: str
    number: int
    value: int = 0
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlaWarned(ClockMarked):
    """So much of a promise is used up."""

    code = "sla_warned"
    label = _("Deadline comes near")
    kind = "warning"


@dataclass(frozen=True, kw_only=True)
class ResponseMissed(ClockMarked):
    """The customer was not answered in time."""

    code = "sla_response_missed"
    label = _("Reply is late")
    kind = "miss"


@dataclass(frozen=True, kw_only=True)
class LadderClimbed(ClockMarked):
    """A missed deadline stayed missed: the next step of the policy's escalation ladder."""

    code = "sla_climbed"
    label = _("Step of the escalation ladder")
    kind = "level"
