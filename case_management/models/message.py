"""What the customer and the organisation wrote to each other, with its files and its way out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.models.case import Case
from case_management.models.due import DueQuerySet, DueState, DueWork, due_index
from case_management.models.event import CaseEvent
from case_management.models.interaction import Interaction
from case_management.models.wording import ScriptedResponse

#: The folder of the storage in which files lie, by year and month.
ATTACHMENTS = "attachments"


class Direction(models.TextChoices):
    """Which way a message went."""

    INBOUND = "in", _("From the customer")
    OUTBOUND = "out", _("To the customer")


class MessageKind(models.TextChoices):
    """What a message is for."""

    MAIL = "mail", _("Message")
    REPLY = "reply", _("Reply")
    FORWARD = "forward", _("Forward")


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by whom they concern."""

    def conversation(self) -> Self:
        """What passed between the customer and us; forwards and their answers are not part of it."""
        return self.filter(is_internal=False)

    def received(self) -> Self:
        """What came in."""
        return self.filter(direction=Direction.INBOUND)


class Message(models.Model):
    """One e-mail or chat message of a case; the customer knows it unless ``is_internal``."""

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
    kind = models.CharField(_("kind"), max_length=8, choices=MessageKind.choices, default=MessageKind.MAIL)
    cc = models.JSONField(_("copy to"), default=list, blank=True)
    #: A forward and its answers: no part of the customer's conversation.
    is_internal = models.BooleanField(_("internal"), default=False)
    references = models.JSONField(_("References"), default=list, blank=True)
    #: The customer's message that a reply answers; it moves on with the conversation until the reply is sent.
    answers = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("answers")
    )
    response = models.ForeignKey(
        ScriptedResponse, models.PROTECT, null=True, blank=True, related_name="messages",
        verbose_name=_("scripted response"),
    )  # fmt: skip
    #: The event that tells of it; none where a message came in before its case.
    event = models.OneToOneField(
        CaseEvent, models.PROTECT, null=True, blank=True, related_name="message", verbose_name=_("event")
    )
    #: Who asks twice under one key has one message; the Message-ID of what goes out follows from it.
    key = models.CharField(_("key"), max_length=100, unique=True, null=True, blank=True)
    #: Files of other messages of the case that go along.
    encloses: Any = models.ManyToManyField(
        "Attachment", blank=True, related_name="enclosed_in", verbose_name=_("encloses")
    )

    objects: Any = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["case", "sent_at"], name="cm_message_case")]

    def __str__(self) -> str:
        return self.subject or f"{self.direction} {self.sent_at:%Y-%m-%d %H:%M}"


class Delivery(DueWork):
    """The way out of one message: due after the undo window or at the chosen moment, then sent, failed or cancelled."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="delivery", verbose_name=_("message"))
    #: Chosen by the writer; what only waits for the undo window has none.
    send_at = models.DateTimeField(_("send at"), null=True, blank=True)
    cancels_on_answer = models.BooleanField(_("not if the customer writes first"), default=False)
    #: Once it is sent, the case waits for the customer.
    waits = models.BooleanField(_("then wait for the customer"), default=False)
    #: Number of the event that resolved the case, where that was asked for with the message.
    resolution = models.PositiveIntegerField(_("resolved by event"), null=True, blank=True)
    reason = models.CharField(_("why cancelled"), max_length=20, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects: Any = DueQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ("view",)
        indexes = [due_index("cm_delivery_due")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"

    def may_be_stopped(self, now: datetime) -> bool:
        """Whether it has not left yet and nobody is sending it at this moment."""
        return self.state == DueState.PENDING and (self.lease_until is None or self.lease_until <= now)


def private_storage() -> Storage:
    """Where files go that only the permission-checked views may serve."""
    return storages[conf.transfer_storage()] if conf.transfer_storage() in storages.backends else storages["default"]


def generated_name(attachment: Attachment, name: str) -> str:
    """Where a file is kept: nothing of what anybody called it, so nothing on the disk can be guessed or run."""
    return f"{ATTACHMENTS}/{timezone.now():%Y/%m}/{uuid4().hex}"


class Attachment(models.Model):
    """A file that came or went with a message, or waits for its message to be sent; its name on disk is generated."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments", verbose_name=_("case"))
    message = models.ForeignKey(
        Message, models.CASCADE, null=True, blank=True, related_name="attachments", verbose_name=_("message")
    )
    file = models.FileField(_("file"), storage=private_storage, upload_to=generated_name)
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("content type"), max_length=120, default="application/octet-stream")
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("uploaded by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
