"""Chains of strategies as they are set up, the cases that wait for somebody, and why each was given to whom."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.custom_field import CustomField
from case_management.models.taxonomy import Named


class AssignmentChain(Named):
    """Strategies that choose an assignee, in their fixed order; each narrows whom the one before it left."""

    #: Keys of registered strategies.
    strategies = models.JSONField(_("strategies"), default=list)
    user_field = models.ForeignKey(
        CustomField, models.PROTECT, null=True, blank=True, related_name="chains", limit_choices_to=Q(kind="user"),
        verbose_name=_("field that names the assignee"), help_text=_("For “The user named in a field”."),
    )  # fmt: skip
    smart_days = models.PositiveIntegerField(
        _("days that count as before"), default=90,
        help_text=_("For “Smart”: who handled the contact within so many days. 0: at any time."),
    )  # fmt: skip
    weighs_priority = models.BooleanField(
        _("pressing cases weigh more"), default=False,
        help_text=_("For “Workload”: a case of rank 1 weighs 4, of rank 2 weighs 3, of rank 3 weighs 2, others 1."),
    )  # fmt: skip
    needs_skills = models.BooleanField(
        _("only people with the skills"), default=False,
        help_text=_("Otherwise the strategy “Skills” prefers them, and others are taken where nobody has them."),
    )  # fmt: skip
    waits = models.BooleanField(
        _("cases wait for somebody"), default=True,
        help_text=_("A case that nobody can take now is given to the first who can. Otherwise it stays unassigned."),
    )  # fmt: skip

    class Meta(Named.Meta):
        verbose_name = _("assignment chain")
        verbose_name_plural = _("assignment chains")


class WaitingCase(models.Model):
    """An open case that nobody could take; it leaves the queue when somebody can, or has taken it."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="waiting_for_assignee", verbose_name=_("case"))
    chain = models.ForeignKey(
        AssignmentChain, models.CASCADE, related_name="waiting_cases", verbose_name=_("assignment chain")
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("case that waits for an assignee")
        verbose_name_plural = _("cases that wait for an assignee")
        default_permissions = ()
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return str(self.case_id)


class AssignmentDecision(models.Model):
    """Why a case was given to somebody, or to nobody: kept beside its event, for a time, and never part of history."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="assignment_decisions", verbose_name=_("case"))
    #: Number of the event that it explains.
    seq = models.PositiveIntegerField(_("entry number"))
    #: Key of the chain; empty where a rule lists strategies itself.
    chain = models.CharField(_("assignment chain"), max_length=60, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("assignee")
    )
    #: See :meth:`case_management.assignment.chain.Choice.as_json`.
    trace = models.JSONField(_("trace"), default=dict)
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("assignment decision")
        verbose_name_plural = _("assignment decisions")
        default_permissions = ()
        indexes = [
            models.Index(fields=["chain", "user", "id"], name="cm_decision_turn"),
            models.Index(fields=["decided_at"], name="cm_decision_age"),
        ]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="cm_decision_once")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"


def last_turns(chain: str, user_ids: set[int]) -> dict[int, int]:
    """User id → a number that grows with each case that the chain gave; who never had one is left out."""
    rows: Any = AssignmentDecision.objects.filter(chain=chain, user_id__in=user_ids).order_by()
    return dict(rows.values_list("user_id").annotate(last=models.Max("pk")))
