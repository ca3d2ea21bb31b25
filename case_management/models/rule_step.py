"""What became of each version of a rule, and who did it: written once, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.rule import Rule


class RuleStep(models.Model):
    """One step of a version on its way from draft to retired."""

    class Kind(models.TextChoices):
        """What was done."""

        SAVED = "saved", _("Saved")
        SUBMITTED = "submitted", _("Submitted for approval")
        REFUSED = "refused", _("Sent back")
        WITHDRAWN = "withdrawn", _("Taken back to draft")
        SHADOWED = "shadowed", _("Put into the shadow")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="steps", verbose_name=_("rule"))
    kind = models.CharField(_("step"), max_length=10, choices=Kind.choices)
    #: Empty where the machinery did it, from a command or a file.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of a rule")
        verbose_name_plural = _("steps of rules")
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.rule.label}: {self.get_kind_display()}"
