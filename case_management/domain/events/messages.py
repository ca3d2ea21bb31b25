"""What happens to messages of a case: written, sent, failed, cancelled, received; their texts are rows of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.events.base import Event
from case_management.domain.events.repair import read_fact

REPLY = "reply"


@dataclass(frozen=True, kw_only=True)
class MessageQueued(Event):
    """A message was written and goes out at ``due_at``; ``again``: it had failed and is tried once more."""

    code = "message_queued"
    label = _("Message written")
    is_message = True
    voice = "out"
    message: int
    kind: str
    due_at: datetime
    again: bool | None = None


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """The mail server took a message; after a reply the customer awaits nothing, unless they wrote again meanwhile."""

    code = "message_sent"
    label = _("Message sent")
    is_message = True
    touches = frozenset({"awaiting_since"})
    message: int
    kind: str
    #: The organisation's first answer in this case.
    first: bool | None = None
    awaiting_since: datetime | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Since when the customer awaits an answer that this reply is not."""
        return {"awaiting_since": self.awaiting_since} if self.kind == REPLY else {}

    def touched(self) -> frozenset[str]:
        """Nothing, where it went to others."""
        return self.touches if self.kind == REPLY else frozenset()


@dataclass(frozen=True, kw_only=True)
class MessageFailed(Event):
    """The message will not arrive unless somebody mends the cause and sends it again."""

    code = "message_failed"
    label = _("Message not delivered")
    is_message = True
    message: int
    kind: str
    #: Who wrote it, and wants to know.
    author: int | None = None


@dataclass(frozen=True, kw_only=True)
class MessageCancelled(Event):
    """The message was stopped before it left; ``restored`` holds facts that hold again if it was to resolve the case.

    ``why`` is ``person`` or ``answered`` (the customer wrote first).
    """

    code = "message_cancelled"
    label = _("Message cancelled")
    is_message = True
    message: int
    kind: str
    why: str
    restored: Mapping[str, Any] = field(default_factory=dict)

    def changes(self, at: datetime) -> dict[str, Any]:
        """The facts as they were before."""
        return {name: read_fact(value) for name, value in self.restored.items()}

    def touched(self) -> frozenset[str]:
        """Only what is restored."""
        return frozenset(self.restored)


@dataclass(frozen=True, kw_only=True)
class MessageReceived(Event):
    """A message came in: the customer's, or (``internal``) an answer to a forward; ``automatic``: from a machine."""

    code = "message_received"
    label = _("Message received")
    is_message = True
    voice = "in"
    touches = frozenset({"awaiting_since"})
    message: int
    internal: bool | None = None
    automatic: bool | None = None
    awaiting_since: datetime | None = None

    def changes(self, at: datetime) -> dict[str, Any]:
        """Since when the customer awaits an answer."""
        return {"awaiting_since": self.awaiting_since} if self.awaiting_since else {}

    def touched(self) -> frozenset[str]:
        """Nothing, where nobody awaits an answer to it."""
        return self.touches if self.awaiting_since else frozenset()
