"""Delivery of notifications: through each one's channel, to whoever may still see what it tells of."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone

from case_management.access import may
from case_management.models import Notification
from case_management.models.due import DueState, update_mine
from case_management.notifications.channels import channels
from case_management.notifications.outbox import Outbox, stamp_sent

BATCH = 50


def deliver_due(limit: int = BATCH) -> int:
    """Send what is due; returns how many letters were dealt with (0: nothing is due, or nothing gets through)."""
    claimed = Notification.objects.select_related("case", "recipient").claim(timezone.now(), limit)
    dealt_with = 0
    for name in sorted({notification.channel for notification in claimed}):
        letters = [row for row in claimed if row.channel == name]
        if name in channels:
            dealt_with += Letters().pass_through(channels.get(name)(), letters)
        else:
            dealt_with += _bury(name, letters)
    return dealt_with


class Letters(Outbox[Notification]):
    """The ledger of notifications."""

    rows: ClassVar[Any] = Notification.objects

    def send(self, line: Any, work: Notification) -> None:
        """Through the channel."""
        line.send(work)

    def sent(self, work: Notification) -> None:
        """Nothing follows."""
        stamp_sent(work)

    def failed(self, work: Notification, error: str) -> None:
        """A dead letter."""
        work.bury(error)

    def stays(self, work: Notification) -> bool:
        """Rights and addresses may have changed since the row was written."""
        reason = _why_not(work)
        if reason:
            update_mine(work, state=DueState.SUPPRESSED, reason=reason, lease_until=None)
        return bool(reason)


def _bury(name: str, letters: list[Notification]) -> int:
    """Nobody registers the channel any more: a person must look, and the other channels go on."""
    for notification in letters:
        notification.bury(f'There is no notification channel "{name}"; register it or delete the notification.')
    return len(letters)


def _why_not(notification: Notification) -> str:
    user = notification.recipient
    if user is None:
        return "" if notification.address else "no_address"
    if not user.is_active:
        return "inactive"
    if not (notification.address or getattr(user, "email", "")):
        return "no_address"
    if notification.case is not None and not may(user, "view_case", notification.case):
        return "no_right"
    return ""
