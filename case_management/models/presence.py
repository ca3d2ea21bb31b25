"""Who has a case open at this moment; rows that nobody renews mean nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case


class Presence(models.Model):
    """Somebody has the case open; old rows mean nothing and are swept away.

    The moment is not indexed: it is written every few seconds, and the table is as small as the number of open pages.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="presences", verbose_name=_("case"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_presences", verbose_name=_("user")
    )
    typing = models.CharField(_("types in"), max_length=40, blank=True, help_text=_("The form; empty: only looks."))
    seen_at = models.DateTimeField(_("seen"))

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="cm_presence_once")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.user_id}"
