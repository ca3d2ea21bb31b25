"""What the reader wrote on a case a moment ago and can still take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from case_management.models.due import DueState

if TYPE_CHECKING:
    from case_management.ui.case.extras import Scene


def outgoing(scene: Scene) -> dict[str, Any]:
    """``outgoing``: the reader's own pending deliveries within their undo window, the oldest first."""
    now, found = timezone.now(), []
    for message in reversed(scene.desk.writing.messages):
        row = getattr(message, "delivery", None)
        waits = row is not None and row.state == DueState.PENDING and not row.attempts and row.send_at is None
        if row is not None and waits and row.available_at > now and message.author_id == scene.desk.user.pk:
            found.append({"message": message, "available_at": row.available_at})
    return {"outgoing": found}
