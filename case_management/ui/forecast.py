"""The forecast: which cases will probably miss their deadline, what if people are away, and how right it has been."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.access import visible_to
from case_management.reports.forecast import HORIZONS, Away, Forecast, Risk, Staffing, Sum, TrackRecord, track_record
from case_management.ui.shell import Crumb, Page

#: Lines of the table of cases, and of units.
MOST_CASES, MOST_UNITS = 50, 20
MOST_PEOPLE = 999


class AwayForm(forms.Form):
    """What if so many people are away on a day."""

    people = forms.IntegerField(label=_("People away"), min_value=1, max_value=MOST_PEOPLE)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    team = forms.TypedChoiceField(label=_("Of the team"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, teams: tuple[Sum, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(team.pk, team.label) for team in teams if team.pk is not None]
        self.fields["team"].choices = [("", _("Everybody")), *named]  # type: ignore[attr-defined]

    def away(self) -> Away:
        """What was asked; the form is valid."""
        asked = self.cleaned_data
        return Away(asked["day"], asked["people"], asked["team"])


class ForecastPage(Page):
    """For whoever may see the dashboard, over the cases that they may see."""

    template_name = "case_management/forecast.html"
    page_title = _("Forecast")
    permission_required = "case_management.view_dashboard"
    section = "dashboard"
    icon = "desktop"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """HTML, or JSON for ``?format=json``."""
        now = timezone.now()
        cases = visible_to(request.user).using(conf.reports_database())
        self.usual, self.record = Forecast.of(cases, now), track_record(cases, now)
        asked = request.GET if "people" in request.GET else None
        self.form = AwayForm(asked, teams=self.usual.teams, initial={"people": 1, "day": timezone.localdate(now)})
        is_asked = self.form.is_bound and self.form.is_valid()
        self.what_if = Forecast.of(cases, now, Staffing.now([self.form.away()])) if is_asked else None
        if request.GET.get("format") == "json":
            return JsonResponse(self.as_json(), json_dumps_params={"indent": 2})
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_crumbs(self) -> list[Crumb]:
        """Below the dashboard."""
        above = Crumb(_("Dashboard"), self.shell.reverse("dashboard"))
        return [Crumb(_("Cases"), self.shell.reverse("list")), above, Crumb(self.get_page_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The forecast, beside what it would be if; and its track record."""
        shown = self.what_if or self.usual
        before = {risk.pk: risk.chance for risk in self.usual.risks} if self.what_if else {}
        return super().get_context_data(**kwargs) | {
            "form": self.form,
            "what_if": self.what_if,
            "forecast": shown,
            "horizons": HORIZONS,
            "totals": sums([self.usual.total], [shown.total])[0],
            "teams": sums(self.usual.teams, shown.teams) if any(one.pk for one in shown.teams) else [],
            "units": sums(self.usual.units, shown.units)[:MOST_UNITS],
            "risks": [(risk, percent(risk.chance), _was(before, risk)) for risk in shown.risks[:MOST_CASES]],
            "record": self.record,
            "bands": [band_line(band) for band in self.record.bands],
        }

    def as_json(self) -> dict[str, Any]:
        """The same for programs; chances from 0 to 1."""
        found = self.what_if or self.usual
        return {
            "at": found.at.isoformat(),
            "history": found.history,
            "missed": found.missed,
            "resting": found.resting,
            "total": _sum_json(found.total),
            "teams": [_sum_json(one) for one in found.teams],
            "units": [_sum_json(one) for one in found.units],
            "cases": [
                {"reference": risk.reference, "due_at": risk.due_at.isoformat(), "chance": round(risk.chance, 4)}
                for risk in found.risks
            ],
            "track_record": _record_json(self.record),
        }


def percent(chance: float) -> int:
    """For people: whole percents."""
    return round(100 * chance)


def sums(usual: Any, shown: Any) -> list[dict[str, Any]]:
    """Each line with (due, expected, expected usually, where that differs to the eye) for every horizon."""
    before = {one.pk: one for one in usual}
    return [{"label": one.label, "cells": [_cell(one, before[one.pk], hours) for hours in HORIZONS]} for one in shown]


def _cell(one: Sum, usual: Sum, hours: int) -> tuple[int, float, float | None]:
    now, before = (round(which.expected[hours], 1) for which in (one, usual))
    return one.due[hours], now, before if now != before else None


def band_line(band: Any) -> dict[str, int]:
    """One line of the track record, in percents."""
    figures = {name: percent(getattr(band, name)) for name in ("low", "high", "said", "happened")}
    return {**figures, "count": band.count}


def _was(before: dict[int, float], risk: Risk) -> int | None:
    return percent(before[risk.pk]) if risk.pk in before else None


def _sum_json(one: Sum) -> dict[str, Any]:
    hours = {str(ahead): {"due": one.due[ahead], "expected": round(one.expected[ahead], 2)} for ahead in HORIZONS}
    return {"label": one.label, "hours": hours}


def _record_json(record: TrackRecord) -> dict[str, Any]:
    bands = [asdict(band) for band in record.bands]
    return {"count": record.count, "brier": record.brier, "naive": record.naive, "bands": bands}
