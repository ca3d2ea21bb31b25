"""The dashboard: four figures, and the same by source and by unit; every figure leads to its cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from case_management import conf
from case_management.access import visible_to
from case_management.reports.breakdown import Line, by_source, by_unit
from case_management.reports.by_custom import by_custom, groupable
from case_management.reports.headline import headline
from case_management.reports.period import Period
from case_management.timeline.durations import in_words
from case_management.ui.shell import Crumb, Page

#: The spans that can be chosen, in days.
SPANS = (7, 30, 90, 365)
DEFAULT_SPAN = 30
MOST_UNITS = 10


@dataclass(frozen=True)
class Tile:
    """One figure; ``query`` is the list of the cases behind it."""

    label: str | Promise
    value: str | int
    query: str
    hint: str | Promise
    tone: str = ""


@dataclass(frozen=True)
class Bar:
    """One line of a table, with the share of its open cases in the longest line, out of 100."""

    line: Line
    average: str
    share: int
    queries: dict[str, str]


class DashboardPage(Page):
    """What a manager looks at first."""

    template_name = "case_management/dashboard.html"
    page_title = _("Dashboard")
    permission_required = "case_management.view_dashboard"
    section = "dashboard"
    icon = "desktop"

    def get_crumbs(self) -> list[Crumb]:
        """Beside the list, not below it."""
        return [Crumb(_("Cases"), self.shell.reverse("list")), Crumb(self.get_page_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Four queries over the cases that the reader may see, and one for a custom field."""
        days = self._days()
        period = Period.last_days(days)
        cases = visible_to(self.request.user).using(conf.reports_database())
        context = {
            "tiles": tiles(cases, period),
            "sources": bars(by_source(cases, period), period, "source"),
            "units": bars(by_unit(cases, period, MOST_UNITS), period, "unit"),
            "most_units": MOST_UNITS,
            **self._custom(cases, period),
            "period": period,
            "days": days,
            "spans": [(span, ngettext("Last %d day", "Last %d days", span) % span) for span in SPANS],
        }
        return super().get_context_data(**kwargs) | context

    def _custom(self, cases: Any, period: Period) -> dict[str, Any]:
        """The figures by the custom field that is asked for, and those that could be."""
        fields = groupable()
        chosen = next((field for field in fields if field.key == self.request.GET.get("by")), None)
        lines = by_custom(cases, period, chosen) if chosen else []
        found = bars(lines, period, f"custom_{chosen.key}") if chosen else []
        return {"groupable": fields, "by": chosen, "customs": found}

    def _days(self) -> int:
        asked = self.request.GET.get("days", "")
        return int(asked) if asked in [str(span) for span in SPANS] else DEFAULT_SPAN


def tiles(cases: Any, period: Period) -> list[Tile]:
    """The headline, as links."""
    figures = headline(cases, period)
    resolved = urlencode({"status": "done", "resolved_after": period.first.isoformat()})
    return [
        Tile(_("Average resolution time"), _length(figures.average), resolved, _("From opening to resolving")),
        Tile(
            _("Open escalated cases"),
            figures.escalated,
            "status=open&escalated=yes",
            _("Now"),
            "danger" if figures.escalated else "",
        ),
        Tile(_("Unresolved"), figures.unresolved, "status=open", _("Now")),
        Tile(_("Resolved"), figures.resolved, resolved, _("In the period")),
    ]


def bars(lines: Sequence[Line], period: Period, key: str) -> list[Bar]:
    """The lines with the lists behind their figures."""
    longest = max((line.unresolved for line in lines), default=0) or 1
    return [
        Bar(line, _length(line.average), 100 * line.unresolved // longest, _lists(line, period, key)) for line in lines
    ]


def _lists(line: Line, period: Period, key: str) -> dict[str, str]:
    """Cases without a unit have no list of their own."""
    if not line.key:
        return {}
    since = period.first.isoformat()
    asked = {
        "opened": {"opened_after": since},
        "resolved": {"status": "done", "resolved_after": since},
        "unresolved": {"status": "open"},
    }
    return {name: urlencode({**query, key: line.key}) for name, query in asked.items()}


def _length(length: timedelta | None) -> str:
    return in_words(length) if length is not None else "–"
