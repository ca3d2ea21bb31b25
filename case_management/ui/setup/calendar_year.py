"""The year of a calendar: every day with its hours, and where holidays are taken in from elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from case_management.access.setting_up import may_set_up
from case_management.bulk.entries import OnOlderHours
from case_management.bulk.run import run_now
from case_management.bulk.start import runs_inline, start
from case_management.exceptions import RightMissing
from case_management.models import BusinessCalendar, CalendarVersion, Holiday
from case_management.sla.days_off import add_days_off
from case_management.sla.policy_reading import hours_today
from case_management.sla.statement_words import exactly
from case_management.sla.year import DayKind, Month, months_of
from case_management.ui.setup.holiday_forms import SOURCES, HolidaySourceForm
from case_management.ui.shell import Crumb, Page

#: Years that a page shows: further ones nobody plans, and each takes time to compile.
FIRST, LAST = 1970, 2100


class CalendarYearPage(Page):
    """Whoever may see calendars may see their years; whoever may add holidays may take some in."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]
    template_name = "case_management/setup/calendar_year.html"
    permission_required = "case_management.view_businesscalendar"
    section = ""
    icon = "calendar-alt"

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The calendar of the address."""
        found: BusinessCalendar = get_object_or_404(BusinessCalendar, pk=self.kwargs["pk"])
        return found

    @cached_property
    def year(self) -> int:
        """The year that is asked for, or this one."""
        asked, now = self.request.GET.get("year", ""), timezone.localdate().year
        return min(max(int(asked), FIRST), LAST) if asked.isdecimal() and len(asked) == 4 else now

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The year, and the form of the source that is chosen."""
        chosen = request.GET.get("source", "")
        form = self._form(SOURCES[chosen], None) if chosen in SOURCES and self._may_add else None
        return self._show(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take holidays in."""
        if request.POST.get("recount"):
            return self._recount()
        if not self._may_add:
            raise PermissionDenied(str(_("Ask somebody who may add holidays.")))
        kind = SOURCES.get(request.POST.get("source", ""))
        if kind is None:
            return redirect(self._url(self.year))
        form = self._form(kind, request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        added = add_days_off(self.calendar, form.days)
        said = _("%(new)d days added; %(kept)d were there already.") % {"new": added.new, "kept": added.kept}
        messages.success(request, said)
        return redirect(self._url(form.cleaned_data["from_year"]))

    def _recount(self) -> HttpResponse:
        """Let the clocks that run on older hours go over to those of today: a wide change with its receipt."""
        chosen = OnOlderHours(self.request.user, query="", calendar=self.calendar)
        try:
            change = start("recount", {}, chosen, expected=chosen.cases().count())
        except RightMissing as error:
            raise PermissionDenied(error.message) from error
        if runs_inline(change):
            run_now(change)
        return redirect(self.shell.reverse("change", change.pk))

    @cached_property
    def _older(self) -> int:
        """How many clocks the reader could let go over."""
        if not self.request.user.has_perm("case_management.change_case"):
            return 0
        return int(OnOlderHours(self.request.user, query="", calendar=self.calendar).cases().count())

    @cached_property
    def _may_add(self) -> bool:
        return may_set_up(self.request.user, "add", Holiday)

    def _form(self, kind: type[HolidaySourceForm], data: Any) -> HolidaySourceForm:
        initial = {"from_year": self.year, "to_year": self.year + 1, **self.request.GET.dict()}
        return kind(data, self.request.FILES or None, initial=initial, label_suffix="", auto_id="cm-days-%s")

    def _url(self, year: int) -> str:
        return f"{self.shell.reverse('calendar_year', self.calendar.pk)}?year={year}"

    def _show(self, form: HolidaySourceForm | None, status: int = 200) -> HttpResponse:
        hours = hours_today({self.calendar.pk})[self.calendar.pk]
        months = months_of(hours, self.year)
        kept = CalendarVersion.objects.filter(calendar=self.calendar, digest=hours.digest).first()
        context = {
            "calendar": self.calendar,
            "zone": hours.zone,
            "kept": kept,
            "year": self.year,
            "before": self._url(self.year - 1) if self.year > FIRST else "",
            "after": self._url(self.year + 1) if self.year < LAST else "",
            "months": [(month, _worked(month)) for month in months],
            "open_days": sum(month.open_days for month in months),
            "worked": exactly(sum(month.seconds for month in months)),
            "named": [day for month in months for day in month.days if day.name],
            "moved": [(day, exactly(day.clock_change)) for month in months for day in month.days if day.clock_change],
            "kinds": DayKind,
            "older": self._older,
            "may_add": self._may_add,
            "sources": [(key, kind.label) for key, kind in SOURCES.items()],
            "form": form,
            "entry_url": self.shell.entry_url("businesscalendar", self.calendar.pk),
        }
        return self.render_to_response(self.get_context_data(**context), status=status)

    def get_page_title(self) -> str:
        """Names the calendar and the year."""
        return _("%(year)d of “%(calendar)s”") % {"calendar": self.calendar.name, "year": self.year}

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        plural = capfirst(str(BusinessCalendar._meta.verbose_name_plural))
        return [Crumb(plural, self.shell.entries_url("businesscalendar")), Crumb(self.get_page_title())]


def _worked(month: Month) -> str:
    return exactly(month.seconds)
