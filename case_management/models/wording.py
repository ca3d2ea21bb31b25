"""What staff do not write twice: scripted responses and signatures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.taxonomy import Source
from case_management.models.topic import Topic
from case_management.models.unit import Unit


class ScriptedState(models.TextChoices):
    """Whether a response may be used."""

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    RETIRED = "retired", _("Retired")


class ScriptedResponse(models.Model):
    """One version of an approved wording, with tokens and prompts in double brackets."""

    key = models.SlugField(_("key"), max_length=60)
    version = models.PositiveIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), help_text=_("Tokens: [[CUSTOMER NAME]], [[CASE REFERENCE]] …"))
    language = models.CharField(_("language"), max_length=12, blank=True)
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("topic"))
    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    state = models.CharField(_("state"), max_length=10, choices=ScriptedState.choices, default=ScriptedState.DRAFT)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("scripted response")
        verbose_name_plural = _("scripted responses")
        ordering = ["name", "-version"]
        permissions = [("approve_scriptedresponse", "Can approve scripted responses")]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="cm_scripted_response_version")]

    def __str__(self) -> str:
        return self.name


class Signature(models.Model):
    """How letters end: a person's own, a unit's, or everybody's."""

    name = models.CharField(_("name"), max_length=120)
    text = models.TextField(_("text"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="case_signatures",
        verbose_name=_("owner"), help_text=_("Empty: everybody may use it."),
    )  # fmt: skip
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="signatures", verbose_name=_("unit")
    )

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
