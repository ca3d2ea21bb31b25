"""The ledger of notifications: one row per thing that somebody is told, written with the fact that it tells of."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.background import wake
from case_management.models.alert import Alert
from case_management.models.case import Case
from case_management.models.due import DueQuerySet, DueState, DueWork, due_index
from case_management.models.event import CaseEvent


class NotificationQuerySet(DueQuerySet["Notification"]):
    """The ledger."""

    def owe(self, rows: list[Notification]) -> int:
        """Write rows, once per key however often this runs, and wake the delivery; returns how many were new."""
        for row in rows:
            row.message_id = message_id(row.key)
        before = self.filter(key__in=[row.key for row in rows]).count()
        self.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        if any(row.state == DueState.PENDING for row in rows):
            wake("notifications")
        return len({row.key for row in rows}) - before


def message_id(key: str) -> str:
    """The Message-ID of a notification: the same on each attempt, and not to be guessed from outside."""
    digest = salted_hmac("case_management.message_id", key).hexdigest()[:32]
    return f"<{digest}@{urlsplit(conf.base_url()).hostname or 'localhost'}>"


class Notification(DueWork):
    """One message to one address; the key makes it unique, the Message-ID follows from the key."""

    key = models.CharField(_("key"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    channel = models.CharField(_("channel"), max_length=20, default="email")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="case_notifications",
        verbose_name=_("recipient"),
    )  # fmt: skip
    address = models.CharField(_("address"), max_length=254, blank=True)
    case = models.ForeignKey(
        Case, models.CASCADE, null=True, blank=True, related_name="notifications", verbose_name=_("case")
    )
    event = models.ForeignKey(
        CaseEvent, models.PROTECT, null=True, blank=True, related_name="notifications", verbose_name=_("event")
    )
    alert = models.ForeignKey(
        Alert, models.CASCADE, null=True, blank=True, related_name="notifications", verbose_name=_("alert")
    )
    context = models.JSONField(_("context"), default=dict, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=255, blank=True)
    reason = models.CharField(_("why suppressed"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects: Any = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        default_permissions = ("view",)
        indexes = [
            due_index("cm_notification_due"),
            models.Index(fields=["recipient", "-created_at"], name="cm_notification_recipient"),
            # What was spared is forgotten after some time; what was sent is not.
            models.Index(
                fields=["created_at"], name="cm_notification_spared", condition=Q(state=DueState.SUPPRESSED.value)
            ),
        ]

    def __str__(self) -> str:
        return self.key
