"""The clocks of a case as rows, where something is to happen at set moments of theirs; and what has happened."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.calendar_version import CalendarVersion
from case_management.models.case import Case
from case_management.models.sla import SlaMetric
from case_management.models.sla_terms import SlaTerms


class SlaClock(models.Model):
    """One promise on a case, from its start to its end; follows the case's events and is written with them.

    It runs and is due at ``due_at``, or stands with ``remaining`` seconds of open time left. ``next_at`` is when the
    next of its marks is due: a warning, a miss, a step of the ladder; empty when none is left.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks", verbose_name=_("case"))
    metric = models.CharField(_("metric"), max_length=16, choices=SlaMetric.choices)
    number = models.PositiveSmallIntegerField(_("number"))
    terms = models.ForeignKey(SlaTerms, models.PROTECT, related_name="+", verbose_name=_("terms"), db_index=False)
    calendar = models.ForeignKey(
        CalendarVersion, models.PROTECT, related_name="+", verbose_name=_("version of the calendar"), db_index=False
    )
    target = models.PositiveIntegerField(_("promised seconds"))
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"), null=True)
    remaining = models.PositiveIntegerField(_("left while it stands, seconds"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    next_at = models.DateTimeField(_("next mark"), null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("SLA clock")
        verbose_name_plural = _("SLA clocks")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "metric", "number"], name="cm_sla_clock_once")]
        indexes = [models.Index(fields=["next_at", "id"], name="cm_sla_clock_next", condition=Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.metric} {self.number}"


class MarkKind(models.TextChoices):
    """What a clock can reach."""

    WARNING = "warning", _("Warning")
    MISS = "miss", _("Missed")
    LEVEL = "level", _("Step of the ladder")


class SlaMark(models.Model):
    """That a clock reached one of its marks; the constraint is why nothing happens twice."""

    clock = models.ForeignKey(SlaClock, models.CASCADE, related_name="marks", verbose_name=_("SLA clock"))
    kind = models.CharField(_("kind"), max_length=8, choices=MarkKind.choices)
    value = models.PositiveSmallIntegerField(_("per cent, or level"), default=0)
    at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("mark of an SLA clock")
        verbose_name_plural = _("marks of SLA clocks")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["clock", "kind", "value"], name="cm_sla_mark_once")]

    def __str__(self) -> str:
        return f"{self.clock_id}: {self.kind} {self.value}"
