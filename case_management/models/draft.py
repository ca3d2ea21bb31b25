"""What somebody typed into a form of a case and has not sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case


class Draft(models.Model):
    """What one person typed into one form of one case and has not sent; nobody else reads it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="drafts", verbose_name=_("case"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_drafts", verbose_name=_("user")
    )
    form = models.CharField(_("form"), max_length=40)
    content = models.JSONField(_("content"), default=dict, help_text=_("Field → values, as a browser sends them."))
    saved_at = models.DateTimeField(_("saved"))

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "user", "form"], name="cm_draft_once")]
        indexes = [models.Index(fields=["saved_at"], name="cm_draft_age")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.user_id} {self.form}"
