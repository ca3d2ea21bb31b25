"""From where a calendar can take holidays in: a country's public ones, and a file of days."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from case_management.sla.days_off import DayOff, HolidaysUnreadable
from case_management.sla.ical import MOST_BYTES, days_in_ical
from case_management.sla.public_holidays import countries, public_holidays, regions

#: Holidays further ahead than this are guesses.
MOST_YEARS = 10


class HolidaySourceForm(forms.Form):
    """Which years; :attr:`days` are the holidays once the form is valid."""

    source: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""

    from_year = forms.IntegerField(min_value=1970, max_value=2100, label=gettext_lazy("From year"))
    to_year = forms.IntegerField(min_value=1970, max_value=2100, label=gettext_lazy("To year"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days: list[DayOff] = []

    def clean(self) -> dict[str, Any]:
        """Some years, in order; then the days are read."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        first, last = cleaned["from_year"], cleaned["to_year"]
        if not first <= last < first + MOST_YEARS:
            self.add_error("to_year", _("Choose up to %d years, the first one first.") % MOST_YEARS)
            return cleaned
        try:
            self.days = self.read(range(first, last + 1))
        except HolidaysUnreadable as error:
            self.add_error(None, error.message)
        return cleaned

    def read(self, years: range) -> list[DayOff]:
        """The days of these years."""
        raise NotImplementedError


class CountryForm(HolidaySourceForm):
    """The public holidays of a country; its regions are offered once the country is chosen."""

    source = "country"
    label = gettext_lazy("Public holidays of a country")

    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=lambda: [("", "---------"), *countries()])
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    field_order = ("country", "region", "from_year", "to_year")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(countries())
        country = str((self.data if self.is_bound else self.initial).get("country", ""))
        region: Any = self.fields["region"]
        region.choices = [("", _("All of the country")), *(regions(country) if country in known else [])]
        self.fields["region"].help_text = (
            "" if country in known else _("Choose the country and press “Show regions”; leave empty for all of it.")
        )

    def read(self, years: range) -> list[DayOff]:
        """From the library, in the reader's language where it speaks it."""
        chosen = self.cleaned_data
        return public_holidays(chosen["country"], chosen["region"], years, language=get_language() or "")


class FileForm(HolidaySourceForm):
    """The whole days of an iCalendar file."""

    source = "file"
    label = gettext_lazy("A calendar file")

    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("iCalendar (.ics), 1 MB at most; whole days count."),
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
    )  # fmt: skip
    field_order = ("file", "from_year", "to_year")

    def read(self, years: range) -> list[DayOff]:
        """The file, up to one byte more than it may have."""
        return days_in_ical(self.cleaned_data["file"].read(MOST_BYTES + 1), years)


SOURCES: dict[str, type[HolidaySourceForm]] = {form.source: form for form in (CountryForm, FileForm)}
