"""FYI: something worth knowing that owes the customer no contact."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.interaction import Interaction
from case_management.models.rule import RuleFiring
from case_management.models.unit import Unit


class Alert(models.Model):
    """Raised by a rule from an interaction; once per firing."""

    firing = models.OneToOneField(RuleFiring, models.CASCADE, related_name="alert", verbose_name=_("rule firing"))
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="alerts", verbose_name=_("interaction"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="alerts", verbose_name=_("unit"))
    title = models.CharField(_("title"), max_length=250)
    raised_at = models.DateTimeField(_("raised"))

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        default_permissions = ("view",)
        ordering = ["-raised_at", "-pk"]
        indexes = [models.Index(fields=["-raised_at", "-id"], name="cm_alert_raised")]

    def __str__(self) -> str:
        return self.title
