"""What ties cases together and parts them: links, merges and merges taken back, a case split in two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event
from case_management.domain.events.repair import read_fact
from case_management.domain.states import Status


@dataclass(frozen=True, kw_only=True)
class CaseMerged(Event):
    """The matter goes on in another case; this one is closed."""

    code = "merged"
    label = _("Merged into another case")
    touches = frozenset(
        {"status", "waiting_for", "resolved_at", "closed_at", "merged_into_id", "awaiting_since", "snoozed_until"}
    )
    into: int

    def changes(self, at: datetime) -> dict[str, Any]:
        """Closed, and where it goes on."""
        return {
            "status": Status.CLOSED.value,
            "waiting_for": "",
            "resolved_at": at,
            "closed_at": at,
            "merged_into_id": self.into,
            "awaiting_since": None,
            "snoozed_until": None,
        }


@dataclass(frozen=True, kw_only=True)
class MergeReceived(Event):
    """Another case was merged into this one; ``awaiting_since`` is its own where it has waited longer than this one.

    The last three are what it brought, also where this case's own were earlier: since when its customer waited, when
    it was due, which deadline it had missed. From them a merge is taken back.
    """

    code = "merge_received"
    label = _("Another case merged into this one")
    touches = frozenset({"awaiting_since"})
    merged: int
    awaiting_since: datetime | None = None
    waited_since: datetime | None = None
    due_at: datetime | None = None
    breached_at: datetime | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Since when the customer of all of them waits."""
        return {"awaiting_since": self.awaiting_since} if self.awaiting_since else {}

    def touched(self) -> frozenset[str]:
        """Nothing, where this case has waited longest itself."""
        return self.touches if self.awaiting_since else frozenset()


@dataclass(frozen=True, kw_only=True)
class CaseLinked(Event):
    """The case is ``relation`` (see :class:`domain.relations.Relation`) ``other`` now; the other has the mirror."""

    code = "linked"
    label = _("Linked to another case")
    other: int
    relation: str


@dataclass(frozen=True, kw_only=True)
class CaseUnlinked(Event):
    """A link to another case was taken away."""

    code = "unlinked"
    label = _("Link to another case removed")
    other: int
    relation: str


@dataclass(frozen=True, kw_only=True)
class FactsRestated(Event):
    """Base of what sets some facts to values that were worked out; ``restored`` as :func:`stored_fact` writes them."""

    restored: Mapping[str, Any] = field(default_factory=dict)

    def changes(self, at: datetime) -> dict[str, Any]:
        """The facts that hold from here on."""
        return {name: read_fact(value) for name, value in self.restored.items()}

    def touched(self) -> frozenset[str]:
        """Only what is restated."""
        return frozenset(self.restored)


@dataclass(frozen=True, kw_only=True)
class CaseUnmerged(FactsRestated):
    """A merge was taken back: the case is again what it was before."""

    code = "unmerged"
    label = _("Merge taken back")
    touches = CaseMerged.touches
    out_of: int


@dataclass(frozen=True, kw_only=True)
class MergeTakenBack(FactsRestated):
    """A case that was merged into this one goes its own way again, with what it had brought."""

    code = "merge_taken_back"
    label = _("A merged case goes its own way again")
    touches = frozenset({"awaiting_since", "breached_at"})
    merged: int


@dataclass(frozen=True, kw_only=True)
class CaseSplit(FactsRestated):
    """Interactions, messages and notes moved to a new case; ``notes`` are the numbers of their events here."""

    code = "split"
    label = _("Split")
    touches = frozenset({"awaiting_since", "score"})
    into: int
    interactions: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SplitReceived(FactsRestated):
    """The case began as a part of another one."""

    code = "split_received"
    label = _("Split off another case")
    touches = frozenset({"awaiting_since", "score"})
    out_of: int
    interactions: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MessageMoved(Event):
    """A message of another case's conversation moved here."""

    code = "message_moved"
    label = _("Message moved here")
    out_of: int
    message: int


@dataclass(frozen=True, kw_only=True)
class NoteMoved(Event):
    """A note that somebody wrote on another case moved here; its text is in the note's own row."""

    code = "note_moved"
    label = _("Note moved here")
    out_of: int
    author: int | None = None
    written_at: datetime | None = None
