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
    TIME_PASSED = "time_passed", _("Time has passed")
    SCHEDULE = "schedule", _("At set times")


class Cadence(models.TextChoices):
    """How often a rule may act."""

    ONCE_PER_RESPONSE = "once_per_response", _("Once per response or case")
    ONCE_PER_CONTACT = "once_per_contact", _("Once per contact in a number of days")
    ONCE_PER_CASE = "once_per_case", _("Once per case in a number of days")
    EVERY_TIME = "every_time", _("Every time")


class RuleState(models.TextChoices):
    """Where a version of a rule stands; of one key at most one is published."""

    DRAFT = "draft", _("Draft")
    AWAITING = "awaiting", _("Awaiting approval")
    SHADOW = "shadow", _("Shadow: only writes down what it would do")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules in the order in which they act."""

    def live(self, occasion: str) -> Self:
        """Switched on and asked on this occasion."""
        return self.filter(is_active=True, occasion=occasion).order_by("position", "pk")

    def asked(self) -> Self:
        """Switched on, or in the shadow."""
        return self.filter(Q(is_active=True) | Q(state=RuleState.SHADOW)).order_by("position", "pk")


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
    #: For rules on time: since or before what, and how long; for those at set times: when.
    timing = models.JSONField(
        _("timing"), default=dict, blank=True,
        help_text=_('E.g. {"since": "awaiting_since", "after": "2 business days"} or {"every": "day", "at": "08:00"}.'),
    )  # fmt: skip
    #: Only cases of these units (and below), of these teams, of these assignees; empty: all.
    scope = models.JSONField(
        _("only for"), default=dict, blank=True,
        help_text=_('E.g. {"units": ["12"], "teams": ["care"], "users": ["ann"]}. Empty: for all.'),
    )  # fmt: skip
    cadence = models.CharField(_("cadence"), max_length=18, choices=Cadence.choices, default=Cadence.ONCE_PER_RESPONSE)
    cadence_days = models.PositiveSmallIntegerField(
        _("days between two firings for one contact or case"), default=28, validators=[MinValueValidator(1)]
    )
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Rules act in this order."))
    stop_processing = models.BooleanField(_("later rules are not asked when this one acts"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=RuleState.choices, default=RuleState.PUBLISHED)
    #: Follows ``state``: true for the published version only.
    is_active = models.BooleanField(_("switched on"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        permissions = [("publish_rule", "Can approve what others wrote")]
        ordering = ["position", "key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="cm_rule_version"),
            models.UniqueConstraint(fields=["key"], condition=Q(is_active=True), name="cm_rule_one_active_version"),
            models.CheckConstraint(
                condition=Q(is_active=True, state="published") | (Q(is_active=False) & ~Q(state="published")),
                name="cm_rule_active_is_published",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Switched on is what is published, nothing else."""
        self.is_active = self.state == RuleState.PUBLISHED
        if "state" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "is_active"}
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """How the rule signs its events: key and version."""
        return f"{self.key}.v{self.version}"

    @property
    def stops(self) -> bool:
        """Whether later rules are not asked where this one acts: by its switch, or by an action that says so."""
        return self.stop_processing or any(stored.get("action") == "stop" for stored in self.actions)


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


class RuleClock(models.Model):
    """How far a rule on time was asked, and when it is asked again; there is one while the rule is switched on."""

    rule = models.OneToOneField(Rule, models.CASCADE, related_name="clock", verbose_name=_("rule"))
    #: What lies before it is none of the rule's business: it was not switched on then.
    started_at = models.DateTimeField(_("switched on"))
    #: Everything that came due up to here was asked.
    asked_until = models.DateTimeField(_("asked until"))
    next_at = models.DateTimeField(_("asked again"))

    class Meta:
        verbose_name = _("clock of a rule")
        verbose_name_plural = _("clocks of rules")
        default_permissions = ()
        indexes = [models.Index(fields=["next_at", "id"], name="cm_rule_clock_next")]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.next_at.isoformat()}"
