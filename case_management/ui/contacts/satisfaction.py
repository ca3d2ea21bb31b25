"""How a customer scored us over time: one small chart per source, drawn on the server, with its table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Avg, Count
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format, number_format

#: Sources have scales of their own, so each has its own chart; these that were heard of last.
MOST_CHARTS = 4
#: Two years are enough to see a change.
MOST_MONTHS = 24
#: Tops of scales that people use; above them the highest score is the top.
_SCALES = (5, 10, 100)
WIDTH, HEIGHT = 320, 96
_LEFT, _TOP, _RIGHT, _BOTTOM = 28, 10, 12, 18


@dataclass(frozen=True)
class Point:
    """A month's average, and where it stands in the drawing."""

    month: date
    average: Decimal
    count: int
    x: str
    y: str

    @property
    def said(self) -> str:
        """The average in the reader's figures."""
        return number_format(self.average.quantize(Decimal("0.1")).normalize() + 0, use_l10n=True)


@dataclass(frozen=True)
class Chart:
    """Scores of one source by month, oldest first; ``line`` holds the drawing's coordinates."""

    key: str
    source: str
    top: int
    points: list[Point]

    @property
    def line(self) -> str:
        """For a polyline; one point alone has no line."""
        return " ".join(f"{point.x},{point.y}" for point in self.points) if len(self.points) > 1 else ""

    @property
    def first(self) -> str:
        """The month at the left end."""
        return date_format(self.points[0].month, "YEAR_MONTH_FORMAT")

    @property
    def last(self) -> str:
        """The month at the right end."""
        return date_format(self.points[-1].month, "YEAR_MONTH_FORMAT")

    @property
    def trend(self) -> int:
        """-1, 0 or 1: the last month against the one before."""
        pairs = list(pairwise(point.average for point in self.points))
        return 0 if not pairs else (pairs[-1][1] > pairs[-1][0]) - (pairs[-1][1] < pairs[-1][0])


def charts(interactions: Any) -> list[Chart]:
    """One per source that gave scores, of the last :data:`MOST_MONTHS` months with any; one query.

    ``interactions`` are those of a contact that the reader may see; months are those of the active time zone.
    """
    scored = interactions.filter(score__isnull=False).order_by()
    month = TruncMonth("occurred_at", tzinfo=timezone.get_current_timezone())
    columns = ("source__key", "source__name", "cm_month", "cm_average", "cm_count")
    rows = scored.annotate(cm_month=month).values(*columns[:3])
    rows = rows.annotate(cm_average=Avg("score"), cm_count=Count("pk")).values_list(*columns)
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for key, name, at, average, count in rows:
        found[key, name].append((at.date(), Decimal(average), count))
    drawn = [_chart(key, name, sorted(months)[-MOST_MONTHS:]) for (key, name), months in found.items()]
    return sorted(drawn, key=lambda chart: chart.points[-1].month, reverse=True)[:MOST_CHARTS]


def _chart(key: str, name: str, months: list[tuple[date, Decimal, int]]) -> Chart:
    highest = max(average for _month, average, _count in months)
    top = next((scale for scale in _SCALES if highest <= scale), int(highest) + 1)
    first, last = _number(months[0][0]), _number(months[-1][0])
    points = [
        Point(month, average, count, _across(_number(month), first, last), _down(average, top))
        for month, average, count in months
    ]
    return Chart(key, name, top, points)


def _number(month: date) -> int:
    return month.year * 12 + month.month


def _across(month: int, first: int, last: int) -> str:
    """The place of a month; months without a score leave a gap as wide as they are long."""
    share = (month - first) / (last - first) if last > first else 0.5
    return f"{_LEFT + share * (WIDTH - _LEFT - _RIGHT):.1f}"


def _down(average: Decimal, top: int) -> str:
    share = min(max(float(average) / top, 0.0), 1.0)
    return f"{_TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM):.1f}"
