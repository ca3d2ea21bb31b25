"""What the rules were asked on one occasion, and what each answered: kept for a time, and never part of history."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.event import CaseEvent
from case_management.models.interaction import Interaction
from case_management.models.rule import Occasion


class RuleAsking(models.Model):
    """One occasion and one case or response that the rules were asked about; unique by ``key``, so written once."""

    key = models.CharField(_("key"), max_length=200, unique=True)
    occasion = models.CharField(_("occasion"), max_length=24, choices=Occasion.choices)
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, null=True, related_name="askings", verbose_name=_("interaction")
    )
    case = models.ForeignKey(
        Case, models.CASCADE, null=True, related_name="askings", verbose_name=_("case"), db_index=False
    )
    event = models.ForeignKey(
        CaseEvent, models.CASCADE, null=True, related_name="askings", verbose_name=_("event"), db_index=False
    )
    #: What the comparisons saw, once for all rules: name of the field → value.
    seen = models.JSONField(_("seen"), default=dict)
    #: One entry per rule, in their order; see :class:`case_management.rules.asked.Answer`.
    answers = models.JSONField(_("answers"), default=list)
    #: How many rules were not asked, because their first condition rules such cases out.
    left_out = models.PositiveIntegerField(_("rules left out"), default=0)
    #: Whether nobody was asked, because rules had set each other off too often.
    too_deep = models.BooleanField(_("rules went in circles"), default=False)
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("asking of the rules")
        verbose_name_plural = _("askings of the rules")
        default_permissions = ()
        indexes = [
            models.Index(fields=["case", "-id"], name="cm_asking_case"),
            models.Index(fields=["asked_at"], name="cm_asking_age"),
        ]

    def __str__(self) -> str:
        return self.key
