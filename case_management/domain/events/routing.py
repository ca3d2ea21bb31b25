"""What sorts a case: whose it is, where it belongs, how pressing it is, what it is tagged with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(Event):
    """A person is responsible now."""

    code = "assigned"
    label = _("Assigned")
    touches = frozenset({"assignee_id"})
    to: int
    previous: int | None = None
    strategy: str | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """The new assignee."""
        return {"assignee_id": self.to}


@dataclass(frozen=True, kw_only=True)
class CaseUnassigned(Event):
    """Nobody is responsible any more."""

    code = "unassigned"
    label = _("Unassigned")
    touches = frozenset({"assignee_id"})
    previous: int | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """No assignee."""
        return {"assignee_id": None}


@dataclass(frozen=True, kw_only=True)
class CaseRerouted(Event):
    """Another unit or team owns the case."""

    code = "rerouted"
    label = _("Re-routed")
    touches = frozenset({"unit_id", "team_id"})
    unit: int | None = None
    team: int | None = None
    previous_unit: int | None = None
    previous_team: int | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Both facts, as decided."""
        return {"unit_id": self.unit, "team_id": self.team}


@dataclass(frozen=True, kw_only=True)
class TopicChanged(Event):
    """The case is about something else."""

    code = "topic_changed"
    label = _("Topic changed")
    touches = frozenset({"topic_id"})
    to: int
    previous: int | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """The new topic."""
        return {"topic_id": self.to}


@dataclass(frozen=True, kw_only=True)
class TypeChanged(Event):
    """The case is of another type."""

    code = "type_changed"
    label = _("Type changed")
    touches = frozenset({"case_type_id"})
    to: int | None = None
    previous: int | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """The new type."""
        return {"case_type_id": self.to}


@dataclass(frozen=True, kw_only=True)
class PriorityChanged(Event):
    """The case is more, or less, pressing."""

    code = "priority_changed"
    label = _("Priority changed")
    touches = frozenset({"priority_id", "priority_rank"})
    to: int
    rank: int
    previous: int | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """The priority and the rank it had when it was chosen."""
        return {"priority_id": self.to, "priority_rank": self.rank}


@dataclass(frozen=True, kw_only=True)
class TagsChanged(Event):
    """Tags were put on or taken off; the set is folded from these events."""

    code = "tags_changed"
    label = _("Tags changed")
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CaseFlagged(Event):
    """Flagged for everybody."""

    code = "flagged"
    label = _("Flagged")
    touches = frozenset({"flagged"})

    def changes(self, at: datetime) -> dict[str, Any]:
        """The flag is up."""
        return {"flagged": True}


@dataclass(frozen=True, kw_only=True)
class CaseUnflagged(Event):
    """The flag for everybody is gone."""

    code = "unflagged"
    label = _("Flag removed")
    touches = frozenset({"flagged"})

    def changes(self, at: datetime) -> dict[str, Any]:
        """The flag is down."""
        return {"flagged": False}


@dataclass(frozen=True, kw_only=True)
class CaseEscalated(Event):
    """One step up the ladder."""

    code = "escalated"
    label = _("Escalated")
    touches = frozenset({"escalation_level"})
    level: int

    def changes(self, at: datetime) -> dict[str, Any]:
        """The new level."""
        return {"escalation_level": self.level}
