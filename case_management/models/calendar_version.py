"""A business calendar as it was when clocks ran on it: kept for good, so that a case's time can be counted again."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.exceptions import CaseManagementError
from case_management.models.calendar import BusinessCalendar


class CalendarVersionFixed(CaseManagementError):
    """A version of a calendar is history; edit the calendar, and clocks that start later run on a new version."""

    code = "calendar_version_fixed"


class CalendarVersion(models.Model):
    """Zone, weekly hours and named holidays as one value; found by its digest, never changed and never removed."""

    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, related_name="versions", verbose_name=_("business calendar")
    )
    number = models.PositiveIntegerField(_("version"))
    #: See :class:`case_management.sla.hours_kept.HoursKept`.
    hours = models.JSONField(_("hours"), default=dict)
    digest = models.CharField(_("digest of the hours"), max_length=64)
    kept_at = models.DateTimeField(_("kept since"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of calendars")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["calendar", "digest"], name="cm_calendar_version_once"),
            models.UniqueConstraint(fields=["calendar", "number"], name="cm_calendar_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once."""
        if not self._state.adding:
            raise CalendarVersionFixed(str(_("A version of a calendar stays as it is; edit the calendar instead.")))
        super().save(*args, **kwargs)
