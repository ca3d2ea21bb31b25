"""What sorts a case: whose it is, where it belongs, how pressing it is, what it is tagged with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class AssignmentWaits(Event):
    """Nobody could take the case when a chain looked for somebody; it waits for the first who can."""

    code = "assignment_waits"
    label = _("Waits for an assignee")
    chain: str


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
    """Up the ladder, mostly by one step."""

    code = "escalated"
    label = _("Escalated")
    touches = frozenset({"escalation_level"})
    level: int

    def changes(self, at: datetime) -> dict[str, Any]:
        """The new level."""
        return {"escalation_level": self.level}


@dataclass(frozen=True, kw_only=True)
class CaseDeescalated(Event):
    """Down the ladder; level 0 is off it."""

    code = "deescalated"
    label = _("Escalation lowered")
    touches = frozenset({"escalation_level"})
    level: int

    def changes(self, at: datetime) -> dict[str, Any]:
        """The new level."""
        return {"escalation_level": self.level}


@dataclass(frozen=True, kw_only=True)
class CustomFieldsChanged(Event):
    """Custom fields were set; ``values`` are all typed values from here on, ``texts`` the keys of changed free texts.

    Free text may be personal, so it stands in the case's row alone and can be redacted there.
    """

    code = "fields_changed"
    label = _("Custom fields changed")
    touches = frozenset({"custom"})
    values: Mapping[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    #: Free texts by key, None takes one away; the recorder writes them to the row, and no event keeps them.
    written: Mapping[str, str | None] = field(default_factory=dict, repr=False)

    def changes(self, at: datetime) -> dict[str, Any]:
        """The typed values, as decided."""
        return {"custom": dict(self.values)}

    def payload(self) -> dict[str, Any]:
        """Everything but the texts."""
        return {name: value for name, value in super().payload().items() if name != "written"}


@dataclass(frozen=True, kw_only=True)
class RulesStopped(Event):
    """Rules set each other off again and again; here nobody asked them any further."""

    code = "rules_stopped"
    label = _("Rules went in circles and were stopped")
    #: Number of the event with which the circle began, how many rules deep it was, and the last one that acted.
    root: int
    deep: int
    rule: str | None = None
