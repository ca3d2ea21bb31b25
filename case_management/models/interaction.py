"""Everything that a customer said, once each: survey answers, e-mails, forms, mentions, calls."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.contact import Contact
from case_management.models.due import DueQuerySet, DueWork, due_index
from case_management.models.taxonomy import Source, SourceKind
from case_management.models.unit import Unit


class Interaction(DueWork):
    """One thing said; pending until the rules have looked at it."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="interactions", verbose_name=_("source"))
    external_id = models.CharField(_("external id"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind.choices, default=SourceKind.SURVEY)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="interactions", verbose_name=_("contact")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="interactions", verbose_name=_("unit")
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="interactions", verbose_name=_("case")
    )
    title = models.CharField(_("title"), max_length=250, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    score = models.DecimalField(_("score"), max_digits=6, decimal_places=2, null=True, blank=True)
    recommended = models.BooleanField(_("would recommend"), null=True, blank=True)
    wants_contact = models.BooleanField(_("asked to be contacted"), default=False)
    answers = models.JSONField(_("answers"), default=dict, blank=True, help_text=_("Question → answer."))
    visit = models.JSONField(_("visit"), default=dict, blank=True, help_text=_("Facts of the visit."))
    raw = models.JSONField(_("as received"), default=dict, blank=True)
    occurred_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    objects: Any = DueQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        default_permissions = ("add", "view")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="cm_interaction_once")]
        indexes = [
            due_index("cm_interaction_due"),
            models.Index(fields=["contact", "-occurred_at"], name="cm_interaction_contact"),
            models.Index(fields=["case", "-occurred_at"], name="cm_interaction_case"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.get_kind_display()} {self.external_id[:12]}"
