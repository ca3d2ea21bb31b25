"""Forms of business calendars, holidays and units: hours are checked where they are typed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_units
from case_management.access.roles import holds_everywhere
from case_management.models import BusinessCalendar, Holiday
from case_management.models.calendar import WEEKDAYS
from case_management.sla.hours import InvalidHoursError, format_hours, parse_hours
from case_management.ui.setup.forms import SetupForm, TreeForm


@lru_cache
def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if name != "localtime"]


def zone_choices() -> list[tuple[str, str]]:
    """Every time zone, for a choice."""
    return _zones()


def zone_choices_or_none() -> list[tuple[str, str]]:
    """The same, and none."""
    return [("", "---------"), *_zones()]


def checked_hours(text: str) -> str:
    """Hours of a day in one spelling; a ValidationError names the part at fault."""
    try:
        return format_hours(parse_hours(text))
    except InvalidHoursError as error:
        raise ValidationError(_HOURS_ERRORS[error.code] % {"part": error.part}, code=error.code) from error


_HOURS_ERRORS = {
    "hours_format": gettext_lazy("“%(part)s” is not a time range; write it as 09:00-17:00, or as 24h."),
    "hours_range": gettext_lazy("“%(part)s” is not on the clock, which runs to 24:00."),
    "hours_order": gettext_lazy(
        "“%(part)s” must end later than it starts; hours past midnight go on two days, "
        "such as 22:00-24:00 and, on the next day, 00:00-06:00."
    ),
}


class HoursField(forms.CharField):
    """A day's opening hours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """Checked, in one spelling."""
        return checked_hours(super().clean(value))


def _hours_of(model: Any, name: str) -> HoursField:
    field = model._meta.get_field(name)
    # One explanation is enough for a week.
    help_text = field.help_text if name in {"monday", "hours"} else ""
    return HoursField(label=capfirst(field.verbose_name), help_text=help_text)


class CalendarForm(SetupForm):
    """A week with at least one open minute."""

    timezone = forms.ChoiceField(choices=zone_choices, label=gettext_lazy("Time zone"), initial="UTC")
    monday = _hours_of(BusinessCalendar, "monday")
    tuesday = _hours_of(BusinessCalendar, "tuesday")
    wednesday = _hours_of(BusinessCalendar, "wednesday")
    thursday = _hours_of(BusinessCalendar, "thursday")
    friday = _hours_of(BusinessCalendar, "friday")
    saturday = _hours_of(BusinessCalendar, "saturday")
    sunday = _hours_of(BusinessCalendar, "sunday")

    class Meta:
        model = BusinessCalendar
        fields = ("name", "key", "timezone", "follows_unit", *WEEKDAYS, "description", "position", "is_active")

    def clean(self) -> dict[str, Any]:
        """A calendar that is always closed would let no deadline ever come."""
        cleaned = super().clean()
        if not set(WEEKDAYS) & set(self.errors) and not any(cleaned[day] for day in WEEKDAYS):
            self.add_error("monday", _("Give opening hours on at least one day."))
        return cleaned


class HolidayForm(SetupForm):
    """A day that differs."""

    hours = _hours_of(Holiday, "hours")

    class Meta:
        model = Holiday
        fields = ("calendar", "date", "name", "hours")
        # The browser's own picker: no script, and the reader's own way of writing dates.
        widgets = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class UnitForm(TreeForm):
    """A unit may keep its own time."""

    timezone = forms.ChoiceField(choices=zone_choices_or_none, label=gettext_lazy("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        right = "change_unit" if self.is_change else "add_unit"
        if "parent" not in self.fields or holds_everywhere(self.acting, right):
            return
        # Where a unit hangs decides who sees its cases: it stays where it is, or goes to where one's own right reaches.
        now = self.initial.get("parent") if self.is_change else None
        within = Q(pk__in=visible_units(self.acting, right).values("pk")) | Q(pk=now)
        self.offer("parent", self.fields["parent"].queryset.filter(within))  # type: ignore[attr-defined]
        self.fields["parent"].required = now is not None or not self.is_change
