"""Rules as data: versions that never change once published, and a firing per time one acted."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.contact import Contact
from case_management.models.event import CaseEvent
from case_management.models.interaction import Interaction


class Occasion(models.TextChoices):
    """When a rule is asked."""

    INTERACTION_RECEIVED = "interaction_received", _("An interaction is received")
    CASE_OPENED = "case_opened", _("A case is opened")
    CASE_CHANGED = "case_changed", _("A case changes")
    DEADLINE_MISSED = "deadline_missed", _("A deadline is missed")


class Cadence(models.TextChoices):
    """How often a rule may act."""

    ONCE_PER_RESPONSE = "once_per_response", _("Once per response or case")
    ONCE_PER_CONTACT = "once_per_contact", _("Once per contact in a number of days")
    EVERY_TIME = "every_time", _("Every time")


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules in the order in which they act."""

    def live(self, occasion: str) -> Self:
        """Switched on and asked on this occasion."""
        return self.filter(is_active=True, occasion=occasion).order_by("position", "pk")


class Rule(models.Model):
    """One version of a rule: occasion → conditions → actions."""

    key = models.SlugField(_("key"), max_length=60)
    version = models.PositiveIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=120)
    occasion = models.CharField(_("occasion"), max_length=24, choices=Occasion.choices)
    conditions = models.JSONField(
        _("conditions"), default=dict, blank=True,
        help_text=_('A tree, e.g. {"all": [{"field": "score", "op": "lte", "value": 4}]}. Empty: always.'),
    )  # fmt: skip
    actions = models.JSONField(
        _("actions"), default=list,
        help_text=_('In order, e.g. [{"action": "open_case", "topic": "seat", "priority": "high"}].'),
    )  # fmt: skip
    cadence = models.CharField(_("cadence"), max_length=18, choices=Cadence.choices, default=Cadence.ONCE_PER_RESPONSE)
    cadence_days = models.PositiveSmallIntegerField(
        _("days between two firings for one contact"), default=28, validators=[MinValueValidator(1)]
    )
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Rules act in this order."))
    stop_processing = models.BooleanField(_("later rules are not asked when this one acts"), default=False)
    is_active = models.BooleanField(_("switched on"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="cm_rule_version"),
            models.UniqueConstraint(fields=["key"], condition=Q(is_active=True), name="cm_rule_one_active_version"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """How the rule signs its events: key and version."""
        return f"{self.key}.v{self.version}"


class RuleFiring(models.Model):
    """One time that a rule acted, and why; unique by ``key``, which is how "once" is kept."""

    key = models.CharField(_("key"), max_length=200, unique=True)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="firings", verbose_name=_("rule"))
    interaction = models.ForeignKey(
        Interaction, models.PROTECT, null=True, related_name="firings", verbose_name=_("interaction")
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="firings", verbose_name=_("case"))
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="firings", verbose_name=_("contact"))
    event = models.ForeignKey(CaseEvent, models.PROTECT, null=True, related_name="firings", verbose_name=_("event"))
    trace = models.JSONField(_("trace"), default=dict)
    about_at = models.DateTimeField(_("moment of the occasion"))
    fired_at = models.DateTimeField(_("fired"))

    class Meta:
        verbose_name = _("rule firing")
        verbose_name_plural = _("rule firings")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["case", "fired_at"], name="cm_firing_case"),
            models.Index(fields=["contact", "rule", "-about_at"], name="cm_firing_contact"),
        ]

    def __str__(self) -> str:
        return self.key
