"""What the customer and the organisation wrote to each other, with its files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.models.case import Case
from case_management.models.interaction import Interaction


class Direction(models.TextChoices):
    """Which way a message went."""

    INBOUND = "in", _("From the customer")
    OUTBOUND = "out", _("To the customer")


class Message(models.Model):
    """One e-mail or chat message of a case's conversation; visible to the customer."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="messages", verbose_name=_("case"))
    interaction = models.ForeignKey(
        Interaction, models.PROTECT, null=True, blank=True, related_name="messages", verbose_name=_("interaction")
    )
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    sender = models.CharField(_("from"), max_length=320)
    recipients = models.JSONField(_("to"), default=list)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=255, unique=True, null=True, blank=True)
    in_reply_to = models.CharField(_("In-Reply-To"), max_length=255, blank=True)
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["case", "sent_at"], name="cm_message_case")]

    def __str__(self) -> str:
        return self.subject or f"{self.direction} {self.sent_at:%Y-%m-%d %H:%M}"


def private_storage() -> Storage:
    """Where files go that only the permission-checked views may serve."""
    return storages[conf.transfer_storage()] if conf.transfer_storage() in storages.backends else storages["default"]


class Attachment(models.Model):
    """A file that came or went with a message; its name on disk is generated."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments", verbose_name=_("case"))
    message = models.ForeignKey(
        Message, models.CASCADE, null=True, blank=True, related_name="attachments", verbose_name=_("message")
    )
    file = models.FileField(_("file"), storage=private_storage, upload_to="attachments/%Y/%m")
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("content type"), max_length=120, default="application/octet-stream")
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
