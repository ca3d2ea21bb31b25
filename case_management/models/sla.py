"""What is promised to which cases: how fast they are answered and resolved, in which business hours."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.calendar import BusinessCalendar
from case_management.models.tag import Tag
from case_management.models.taxonomy import CaseType, Named, Priority, Source
from case_management.models.topic import Topic
from case_management.models.unit import Team, Unit


class Reopening(models.TextChoices):
    """What a reopened case's clock does."""

    RESTART = "restart", _("Starts anew")
    CONTINUE = "continue", _("Goes on with what was left")


def _of(model: type[models.Model], name: Any, help_text: Any) -> Any:
    return models.ManyToManyField(
        model, related_name="asking_policies", blank=True, verbose_name=name, help_text=help_text
    )


class SlaPolicy(Named):
    """The first active policy, by position, all of whose conditions fit a case applies to it.

    Each set asks for one of its entries; an empty one asks for nothing. Topics and units stand for their branches.
    """

    #: One priority, as policies had it before they had sets; the form moves it to the set.
    priority = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="sla_policies", verbose_name=_("priority"),
        help_text=_("Empty: every priority."),
    )  # fmt: skip
    priorities = _of(Priority, _("priorities"), _("None: every priority."))
    case_types = _of(CaseType, _("case types"), _("None: every type."))
    topics = _of(Topic, _("topics"), _("With all that lies below them. None: every topic."))
    sources = _of(Source, _("sources"), _("None: every source."))
    contact_tags = _of(Tag, _("contact's tags"), _("One of them is enough. None: every contact."))
    units = _of(Unit, _("units"), _("With all units below them. None: every unit."))
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, related_name="sla_policies", verbose_name=_("business calendar")
    )
    pauses_for_customer = models.BooleanField(_("clock stands while waiting for the customer"), default=True)
    pauses_for_third_party = models.BooleanField(_("clock stands while waiting for a third party"), default=False)
    reopening = models.CharField(
        _("when a case is reopened, its clock"), max_length=8, choices=Reopening.choices, default=Reopening.RESTART
    )
    warnings = models.CharField(
        _("warn at"), max_length=40, blank=True, default="",
        help_text=_("Per cent of a promise that are used up, such as 50, 75, 90. Empty: no warnings."),
    )  # fmt: skip

    class Meta(Named.Meta):
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")


class SlaMetric(models.TextChoices):
    """What a target measures."""

    RESOLVE = "resolve", _("Time to resolve")
    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_REPLY = "next_reply", _("Next reply")


class SlaTarget(models.Model):
    """One promise of a policy, in minutes of business time."""

    policy = models.ForeignKey(SlaPolicy, models.CASCADE, related_name="targets", verbose_name=_("SLA policy"))
    metric = models.CharField(_("metric"), max_length=16, choices=SlaMetric.choices, default=SlaMetric.RESOLVE)
    minutes = models.PositiveIntegerField(_("minutes of business time"))

    class Meta:
        verbose_name = _("SLA target")
        verbose_name_plural = _("SLA targets")
        constraints = [
            models.UniqueConstraint(fields=["policy", "metric"], name="cm_sla_target_once"),
            models.CheckConstraint(condition=models.Q(minutes__gt=0), name="cm_sla_target_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}: {self.get_metric_display()} {self.minutes} min"


class SlaRung(models.Model):
    """One step of a policy's escalation ladder: so long after the time to resolve was missed, and what happens then.

    Whoever oversees the case is told of every step; a team, a person and a priority are optional.
    """

    policy = models.ForeignKey(SlaPolicy, models.CASCADE, related_name="rungs", verbose_name=_("SLA policy"))
    level = models.PositiveSmallIntegerField(_("level"), validators=[MinValueValidator(1)])
    minutes = models.PositiveIntegerField(
        _("minutes of business time after the deadline"), default=0, help_text=_("0: as soon as it is missed.")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("re-route to team")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assign to")
    )
    priority = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("raise to priority")
    )

    class Meta:
        verbose_name = _("step of an escalation ladder")
        verbose_name_plural = _("steps of escalation ladders")
        ordering = ["policy", "minutes", "level"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "level"], name="cm_sla_rung_once"),
            models.CheckConstraint(condition=models.Q(level__gt=0), name="cm_sla_rung_level"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}: {self.level}"
