"""What puts many cases right at once: a wide change taken back, an entry of a list merged into another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ChangeUndone(Event):
    """A wide change was taken back; ``restored`` holds the facts that hold again (see :func:`stored_fact`)."""

    code = "undone"
    label = _("Change undone")
    change_set: int
    restored: Mapping[str, Any] = field(default_factory=dict)

    def changes(self, at: datetime) -> dict[str, Any]:
        """The facts as they were before."""
        return {name: read_fact(value) for name, value in self.restored.items()}

    def touched(self) -> frozenset[str]:
        """Only what is restored."""
        return frozenset(self.restored)


@dataclass(frozen=True, kw_only=True)
class EntryReplaced(Event):
    """An entry of a list was merged into another; ``name`` is the fact (``topic_id`` …) that pointed to it."""

    code = "entry_replaced"
    label = _("Entry merged")
    name: str
    to: int
    previous: int

    def changes(self, at: datetime) -> dict[str, Any]:
        """The fact points to the entry that is left."""
        return {self.name: self.to}

    def touched(self) -> frozenset[str]:
        """Only the one fact."""
        return frozenset({self.name})


def stored_fact(value: Any) -> Any:
    """A fact of a case's row as JSON that :func:`read_fact` turns back into the same value."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Decimal):
        return {"number": str(value)}
    return {"value": value}


def read_fact(stored: Mapping[str, Any]) -> Any:
    """The value that was stored."""
    if "at" in stored:
        return datetime.fromisoformat(stored["at"])
    return Decimal(stored["number"]) if "number" in stored else stored["value"]
