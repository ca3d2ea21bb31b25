"""Trials of rules: a run over the past with what it found, and the log of rules in the shadow."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.contact import Contact
from case_management.models.due import DueQuerySet, DueWork, due_index
from case_management.models.event import CaseEvent
from case_management.models.interaction import Interaction
from case_management.models.rule import Rule
from case_management.models.sla import SlaPolicy


class Backtest(DueWork):
    """A rule, or a policy, over the past, worked off chunk by chunk; only who asked for it sees what came of it."""

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("requested by")
    )
    rule = models.ForeignKey(Rule, models.CASCADE, null=True, related_name="backtests", verbose_name=_("rule"))
    policy = models.ForeignKey(
        SlaPolicy, models.CASCADE, null=True, related_name="backtests", verbose_name=_("SLA policy")
    )
    #: What was tried, as it was then; it may not be saved yet.
    definition = models.JSONField(_("as it was tried"), default=dict)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    total = models.PositiveIntegerField(_("to look at"), default=0)
    done = models.PositiveIntegerField(_("looked at"), default=0)
    tally = models.JSONField(_("counts"), default=dict)
    #: Name → label of what conditions ask and nothing keeps: it was read as it is today.
    as_today = models.JSONField(_("read as it is today"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: Any = DueQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial over the past")
        verbose_name_plural = _("trials over the past")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(rule=None, policy__isnull=False) | Q(rule__isnull=False, policy=None),
                name="cm_backtest_of_one",
            )
        ]
        indexes = [
            due_index("cm_backtest_due"),
            models.Index(fields=["requested_by", "rule", "-created_at"], name="cm_backtest_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id or self.policy_id} #{self.pk}"


class BacktestShare(models.Model):
    """A part of a trial that a worker can look through by itself; whoever works on it locks it."""

    backtest = models.ForeignKey(Backtest, models.CASCADE, related_name="shares", verbose_name=_("trial"))
    #: From where it goes on, and where it ends; see trying.subjects.
    place = models.JSONField(_("place"))
    is_done = models.BooleanField(_("done"), default=False)

    class Meta:
        verbose_name = _("share of a trial")
        verbose_name_plural = _("shares of trials")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.backtest_id}: {self.place}"


class BacktestRow(models.Model):
    """One time that the rule would have acted, or one case of the policy; something that who asked may see."""

    backtest = models.ForeignKey(Backtest, models.CASCADE, related_name="rows", verbose_name=_("trial"))
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+", verbose_name=_("case"))
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, null=True, related_name="+", verbose_name=_("interaction")
    )
    at = models.DateTimeField(_("moment of the occasion"))
    actions = models.JSONField(_("actions"), default=list)
    conflicts = models.JSONField(_("conflicts"), default=list)

    class Meta:
        verbose_name = _("line of a trial")
        verbose_name_plural = _("lines of trials")
        default_permissions = ()
        indexes = [models.Index(fields=["backtest", "at", "id"], name="cm_backtest_line")]

    def __str__(self) -> str:
        return f"{self.backtest_id}: {self.case_id or self.interaction_id}"


class ShadowFiring(models.Model):
    """One time that a rule in the shadow would have acted; its own ledger, so that no live version loses a turn."""

    key = models.CharField(_("key"), max_length=200)
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="shadow_firings", verbose_name=_("rule"))
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, null=True, related_name="+", verbose_name=_("interaction")
    )
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+", verbose_name=_("case"))
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", verbose_name=_("contact"))
    event = models.ForeignKey(CaseEvent, models.CASCADE, null=True, related_name="+", verbose_name=_("event"))
    actions = models.JSONField(_("actions"), default=list)
    about_at = models.DateTimeField(_("moment of the occasion"))
    fired_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("firing in the shadow")
        verbose_name_plural = _("firings in the shadow")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="cm_shadow_once")]
        indexes = [models.Index(fields=["rule", "-fired_at"], name="cm_shadow_log")]

    def __str__(self) -> str:
        return self.key
