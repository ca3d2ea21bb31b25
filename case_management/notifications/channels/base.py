"""What a channel is, and the two ways in which it can fail."""

from __future__ import annotations

from typing import ClassVar, Protocol

from case_management.exceptions import CaseManagementError
from case_management.models import Notification
from case_management.registry import Registry


class Refused(CaseManagementError):
    """The other side said never: a dead letter, not a retry."""

    code = "delivery_refused"


class Unreachable(CaseManagementError):
    """Not now: tried again later. ``details["whole_channel"]`` tells that nothing gets through at present."""

    code = "delivery_unreachable"


class Channel(Protocol):
    """Sends one notification, or raises Refused or Unreachable.

    >>> from case_management.notifications.channels import channels
    >>> @channels.registered("sms")
    ... class Sms:
    ...     label = "SMS"
    ...     def open(self): ...
    ...     def send(self, notification): ...
    ...     def close(self): ...
    """

    label: ClassVar[str]

    def open(self) -> None:
        """Get ready for some sendings."""

    def send(self, notification: Notification) -> None:
        """Send one; the key (and so the Message-ID) is the same on each attempt."""

    def close(self) -> None:
        """Let go."""


channels: Registry[type[Channel]] = Registry("notification channel")
