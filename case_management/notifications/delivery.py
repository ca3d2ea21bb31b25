"""Delivery: claim what is due, ask once more whether it may go, send, stamp; each letter by itself.

A letter is sent at least once, and at most once but for a crash between the server's "250 OK" and our stamp; the copy
then carries the same Message-ID.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone

from case_management import conf
from case_management.access import may
from case_management.models import Notification
from case_management.models.due import DueState
from case_management.notifications.channels import Channel, Refused, Unreachable, channels

logger = logging.getLogger(__name__)

BATCH = 50


def deliver_due(limit: int = BATCH) -> int:
    """Send what is due; returns how many letters were dealt with (0: nothing is due, or nothing gets through)."""
    claimed = Notification.objects.select_related("case", "recipient").claim(timezone.now(), limit)
    dealt_with = 0
    for name in sorted({notification.channel for notification in claimed}):
        letters = [row for row in claimed if row.channel == name]
        dealt_with += _through(channels.get(name)(), letters) if name in channels else _bury(name, letters)
    return dealt_with


def _bury(name: str, letters: list[Notification]) -> int:
    """Nobody registers the channel any more: a person must look, and the other channels go on."""
    for notification in letters:
        notification.bury(f'There is no notification channel "{name}"; register it or delete the notification.')
    return len(letters)


def _through(channel: Channel, letters: list[Notification]) -> int:
    try:
        channel.open()
    except Unreachable as error:
        return _give_back(letters, error)
    try:
        for sent, notification in enumerate(letters):
            try:
                _one(channel, notification)
            except Unreachable as error:
                return sent + _give_back(letters[sent:], error)
    finally:
        channel.close()
    return len(letters)


def _give_back(letters: list[Notification], error: Unreachable) -> int:
    """The first one has had its attempt; the others were not begun."""
    logger.warning("Delivery stands still: %s", error)
    letters[0].postpone(str(error), timezone.now())
    Notification.objects.release(letters[1:])
    return 0


def _one(channel: Channel, notification: Notification) -> None:
    now = timezone.now()
    if not _still_mine(notification, now):
        return
    reason = _why_not(notification)
    if reason:
        Notification.objects.filter(pk=notification.pk).update(
            state=DueState.SUPPRESSED, reason=reason, lease_until=None
        )
        return
    try:
        channel.send(notification)
    except Refused as error:
        notification.bury(str(error))
    except Unreachable as error:
        if error.details.get("whole_channel"):
            raise
        notification.postpone(str(error), now)
    except Exception as error:  # a template or a host's channel: one such letter must not stop the others
        logger.exception("Notification %s failed.", notification.key)
        notification.postpone(f"{type(error).__name__}: {error}", now)
    else:
        Notification.objects.filter(pk=notification.pk).update(
            state=DueState.DONE, sent_at=timezone.now(), lease_until=None, last_error=""
        )


def _still_mine(notification: Notification, now: datetime) -> bool:
    """Renew the lease before each letter: a slow server must not let a second worker send the rest as well."""
    mine = Notification.objects.filter(pk=notification.pk, state=DueState.PENDING, attempts=notification.attempts)
    return bool(mine.update(lease_until=now + conf.lease()))


def _why_not(notification: Notification) -> str:
    """Rights and addresses may have changed since the row was written."""
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
