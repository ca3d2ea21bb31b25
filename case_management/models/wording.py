"""What staff do not write twice: scripted responses and signatures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from case_management.exceptions import InvalidConfiguration
from case_management.models.taxonomy import CaseType, Source
from case_management.models.topic import Topic
from case_management.models.unit import Unit


class ScriptedState(models.TextChoices):
    """Whether a response may be used."""

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    RETIRED = "retired", _("Retired")


def _scope(model: Any, label: Any, help_text: Any = "") -> Any:
    return models.ForeignKey(
        model, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=label, help_text=help_text
    )


class ScriptedResponse(models.Model):
    """One version of an approved wording, with tokens and prompts in double brackets.

    Topic and unit stand for their whole branch. Where nothing is chosen, the response is for every case.
    """

    key = models.SlugField(_("key"), max_length=60)
    version = models.PositiveIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(
        _("text"),
        help_text=_(
            "Tokens such as [[CUSTOMER NAME]] are filled in by themselves. What stands between [[LOCKED: a name]] and "
            "[[/LOCKED]] may not be edited by whoever sends it."
        ),
    )
    prompts = models.JSONField(_("prompts"), default=list, blank=True)
    keywords = models.CharField(
        _("search words"), max_length=200, blank=True, help_text=_("Words by which it is found, beside its own.")
    )
    language = models.CharField(_("language"), max_length=12, blank=True)
    topic = _scope(Topic, _("topic"), _("And every topic below."))
    case_type = _scope(CaseType, _("case type"))
    source = _scope(Source, _("source"))
    unit = _scope(Unit, _("unit"), _("And every unit below."))
    state = models.CharField(_("state"), max_length=10, choices=ScriptedState.choices, default=ScriptedState.DRAFT)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("scripted response")
        verbose_name_plural = _("scripted responses")
        ordering = ["name", "-version"]
        permissions = [("approve_scriptedresponse", "Can approve scripted responses")]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="cm_scripted_response_version"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="approved"), name="cm_scripted_response_one_approved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is approved by nobody."""
        if self.state == ScriptedState.APPROVED and self._state.adding and self.approved_by_id is None:
            raise InvalidConfiguration(_now("A response is approved by somebody; say who."))
        super().save(*args, **kwargs)


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
