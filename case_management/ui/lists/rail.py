"""What stands around the list: the tiles above it and the rail beside it, all counted in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, CharField, Count, DurationField, IntegerField, Q, Value
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.models import CaseFlag, Team
from case_management.reports.facts import TIME_TO_RESOLVE, resolved
from case_management.reports.period import Period
from case_management.timeline.durations import in_words

#: Tiles and gauge look at the cases resolved in these days, today among them.
SPAN_DAYS = 30


@dataclass(frozen=True)
class Entry:
    """One link of the rail: a query of the list and how many cases it finds."""

    label: str | Promise
    query: str
    count: int
    tone: str = ""


@dataclass(frozen=True)
class Tile:
    """One figure above the list; ``query`` is the list of the cases behind it."""

    label: str | Promise
    value: str
    query: str
    hint: str | Promise
    tone: str = ""


@dataclass(frozen=True)
class Gauge:
    """How much of the work of these days is done: what was resolved, of that and what is still open."""

    resolved: int
    total: int

    @property
    def percent(self) -> int:
        """The share, rounded down so that 100 means all."""
        return 100 * self.resolved // self.total if self.total else 0


@dataclass(frozen=True)
class Rail:
    """Everything around the list but the saved views."""

    tiles: list[Tile]
    queues: list[Entry]
    flags: list[Entry]
    sources: list[Entry]
    gauge: Gauge
    days: int = SPAN_DAYS


def rail(cases: Any, user: Any, now: datetime) -> Rail:
    """Tiles and rail over ``cases``, all that the reader may see; each count is that of the list behind it."""
    period = Period.last_days(SPAN_DAYS)
    *by_source, done = _counted(cases, user, now, period)
    sums = {key: sum(row[key] for row in by_source) for key in _measures(user, now)}
    by_source.sort(key=lambda row: (row["cm_position"], row["cm_name"]))
    return Rail(
        tiles=_tiles(sums, done["total"], done["cm_length"], period),
        queues=[_entry(sums, *queue) for queue in _QUEUES],
        flags=[_entry(sums, *flag) for flag in _FLAGS],
        sources=[
            Entry(row["cm_name"], urlencode({"status": "open", "source": row["cm_key"]}), row["total"])
            for row in by_source
        ],
        gauge=Gauge(done["total"], done["total"] + sums["total"]),
    )


_QUEUES = (
    (_("All open"), "total", "status=open"),
    (_("My cases"), "mine", "status=open&assignee=me"),
    (_("Unassigned"), "unassigned", "status=open&assignee=nobody"),
    (_("My teams’"), "my_teams", "status=open&my_teams=yes"),
    (_("Awaiting our reply"), "awaiting", "status=open&awaiting=yes"),
    (_("Past due"), "overdue", "status=overdue"),
    (_("Snoozed"), "snoozed", "status=open&snoozed=yes"),
)
_FLAGS = (
    (_("All flagged"), "flagged_all", "status=open&flagged=all"),
    (_("Flagged by me"), "flagged_mine", "status=open&flagged=mine"),
)


def _entry(sums: dict[str, int], label: Promise, key: str, query: str) -> Entry:
    return Entry(label, query, sums[key], "danger" if key == "overdue" and sums[key] else "")


def _tiles(sums: dict[str, int], count: int, average: timedelta | None, period: Period) -> list[Tile]:
    done = urlencode({"status": "done", "resolved_after": period.first.isoformat()})
    escalated = sums["escalated"]
    lately = _("Last %d days") % SPAN_DAYS
    return [
        Tile(_("Average time to resolve"), in_words(average) if average is not None else "–", done, lately),
        Tile(_("Open escalated"), str(escalated), "status=open&escalated=yes", _("Now"), "danger" if escalated else ""),
        Tile(_("Unresolved"), str(sums["total"]), "status=open", _("Now")),
        Tile(_("Resolved"), str(count), done, lately),
    ]


def _counted(cases: Any, user: Any, now: datetime, period: Period) -> list[dict[str, Any]]:
    """One row per source with something open, then one for what was resolved in the period.

    Every column that is read is in the index of open cases, and in that of resolved ones.
    """
    nothing = dict.fromkeys(_measures(user, now), Value(0, output_field=IntegerField()))
    open_rows = (
        cases.open()
        .order_by()
        .values("source")
        .annotate(**_measures(user, now), cm_length=Cast(Value(None), DurationField()))
        .values_list("source__key", "source__name", "source__position", *nothing, "cm_length")
    )
    empty = Value("", output_field=CharField())
    done_row = (
        cases.filter(resolved(period))
        .order_by()
        .annotate(cm_key=empty, cm_name=empty, cm_position=Value(-1, output_field=IntegerField()))
        .values("cm_key", "cm_name", "cm_position")
        .annotate(**nothing | {"total": Count("pk")}, cm_length=Avg(TIME_TO_RESOLVE))
        .values_list("cm_key", "cm_name", "cm_position", *nothing, "cm_length")
    )
    names = ("cm_key", "cm_name", "cm_position", *nothing, "cm_length")
    rows = [dict(zip(names, row, strict=True)) for row in open_rows.union(done_row, all=True)]
    done = [row for row in rows if row["cm_position"] == -1]
    return [row for row in rows if row["cm_position"] != -1] + (done or [dict.fromkeys(names, 0) | {"cm_length": None}])


def _measures(user: Any, now: datetime) -> dict[str, Count]:
    flagged_mine = Q(pk__in=CaseFlag.objects.filter(user=user).values("case"))
    my_teams = Q(team__in=Team.objects.filter(members=user).order_by().values("pk"))
    return {
        "total": Count("pk"),
        "mine": Count("pk", filter=Q(assignee=user)),
        "unassigned": Count("pk", filter=Q(assignee=None)),
        "my_teams": Count("pk", filter=my_teams),
        "overdue": Count("pk", filter=Q(due_at__lt=now)),
        "awaiting": Count("pk", filter=Q(awaiting_since__isnull=False)),
        "snoozed": Count("pk", filter=Q(snoozed_until__gt=now)),
        "escalated": Count("pk", filter=Q(escalation_level__gt=0)),
        "flagged_all": Count("pk", filter=Q(flagged=True)),
        "flagged_mine": Count("pk", filter=flagged_mine),
    }
