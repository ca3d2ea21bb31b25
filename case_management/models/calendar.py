"""When the organisation works: weekly hours in a time zone, and the days that differ."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.taxonomy import Named

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _hours(name: Any, default: str) -> Any:
    return models.CharField(
        name, max_length=120, blank=True, default=default,
        help_text=_("Such as 09:00-12:30, 13:00-17:00; 24h for the whole day; empty when closed."),
    )  # fmt: skip


class BusinessCalendar(Named):
    """Hours per weekday, several intervals a day, in one time zone; ``version`` grows when they change."""

    timezone = models.CharField(
        _("time zone"), max_length=64, default="UTC", help_text=_("IANA name, e.g. Europe/Berlin.")
    )
    follows_unit = models.BooleanField(
        _("in the time zone of the case's unit"), default=False,
        help_text=_("The same hours on each unit's own clock; where a unit has no time zone, the one above holds."),
    )  # fmt: skip
    monday = _hours(_("Monday"), "09:00-17:00")
    tuesday = _hours(_("Tuesday"), "09:00-17:00")
    wednesday = _hours(_("Wednesday"), "09:00-17:00")
    thursday = _hours(_("Thursday"), "09:00-17:00")
    friday = _hours(_("Friday"), "09:00-17:00")
    saturday = _hours(_("Saturday"), "")
    sunday = _hours(_("Sunday"), "")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta(Named.Meta):
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A saved change is a new version."""
        if self.pk:
            self.version += 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a zone that does not exist; hours are checked by the form through sla.policies."""
        from zoneinfo import available_timezones  # noqa: PLC0415 - slow to build, needed here only

        if self.timezone not in available_timezones():
            raise ValidationError({"timezone": _("There is no time zone “%s”; use an IANA name.") % self.timezone})


class Holiday(models.Model):
    """A day on which the calendar has other hours, or none."""

    calendar = models.ForeignKey(
        BusinessCalendar, models.CASCADE, related_name="holidays", verbose_name=_("business calendar")
    )
    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=120)
    hours = _hours(_("hours on this day"), "")

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="cm_holiday_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Another holiday is another version of the calendar."""
        super().save(*args, **kwargs)
        BusinessCalendar.objects.filter(pk=self.calendar_id).update(version=models.F("version") + 1)
