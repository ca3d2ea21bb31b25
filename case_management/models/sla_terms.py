"""The terms of an SLA policy as they were when clocks started under them: kept for good, never edited."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.exceptions import CaseManagementError
from case_management.models.sla import SlaPolicy


class TermsFixed(CaseManagementError):
    """The terms under which clocks run are history; edit the policy, and clocks that start later run on new terms."""

    code = "sla_terms_fixed"


class SlaTerms(models.Model):
    """Targets, conditions, pauses, warnings and ladder as one value; found by its digest, never changed or removed."""

    policy = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="versions", verbose_name=_("SLA policy"))
    number = models.PositiveIntegerField(_("version"))
    #: See :class:`case_management.sla.terms.Terms`.
    terms = models.JSONField(_("terms"), default=dict)
    digest = models.CharField(_("digest of the terms"), max_length=64)
    kept_at = models.DateTimeField(_("kept since"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of an SLA policy")
        verbose_name_plural = _("versions of SLA policies")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["policy", "digest"], name="cm_sla_terms_once"),
            models.UniqueConstraint(fields=["policy", "number"], name="cm_sla_terms_number"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once."""
        if not self._state.adding:
            raise TermsFixed(str(_("The terms of a policy stay as they were; edit the policy instead.")))
        super().save(*args, **kwargs)
