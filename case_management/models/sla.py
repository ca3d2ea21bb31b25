"""How fast cases must be resolved, per priority, in which business hours."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.calendar import BusinessCalendar
from case_management.models.taxonomy import Named, Priority


class SlaPolicy(Named):
    """The first active policy, by position, whose conditions fit a case applies to it."""

    priority = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="sla_policies", verbose_name=_("priority"),
        help_text=_("Empty: every priority."),
    )  # fmt: skip
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, related_name="sla_policies", verbose_name=_("business calendar")
    )
    pauses_for_customer = models.BooleanField(_("clock stands while waiting for the customer"), default=True)
    pauses_for_third_party = models.BooleanField(_("clock stands while waiting for a third party"), default=False)

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
