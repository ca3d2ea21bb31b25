"""What one member of staff chose for themselves."""

from __future__ import annotations

from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AfterResolve(models.TextChoices):
    """Where one goes on when a case is resolved."""

    NEXT = "next", _("Open the next case")
    STAY = "stay", _("Stay on the case")
    LIST = "list", _("Go back to the list")


class Preferences(models.Model):
    """One row per person who changed something; without it the defaults hold."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_preferences", verbose_name=_("user")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("Empty: the site's."))
    signature = models.TextField(_("signature"), blank=True, help_text=_("How your letters to customers end."))
    muted = models.JSONField(
        _("no mail for"), default=list, blank=True, help_text=_("Kinds of notification that are not mailed.")
    )
    uses_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    after_resolve = models.CharField(
        _("after resolving a case"), max_length=5, choices=AfterResolve.choices, default=AfterResolve.NEXT
    )

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def of(cls, user: Any) -> Self:
        """What ``user`` chose, or the defaults, not saved."""
        return cls.objects.filter(user=user).first() or cls(user=user)

    @property
    def zone(self) -> ZoneInfo | None:
        """The chosen time zone; None for the site's, also when the system no longer knows the one that was chosen."""
        try:
            return ZoneInfo(self.time_zone) if self.time_zone else None
        except (ZoneInfoNotFoundError, ValueError):
            return None
