"""The clocks of replies, one after the other, and what was counted on each: derived from the case's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from case_management.domain.events import ClockMarked
from case_management.models import SlaClock
from case_management.models.sla import SlaMetric
from case_management.sla.clock_rows import CaseClocks, Kept
from case_management.sla.hours_kept import HoursKept
from case_management.sla.lines import Kind, Line, Why, joined, open_and_closed
from case_management.sla.moments import Moment
from case_management.sla.runs import Run

_SECOND = timedelta(seconds=1)
Key = tuple[str, int]
"""Metric and number: how a clock of a case is named."""


@dataclass(frozen=True)
class Reached:
    """A mark of a clock: what it is, when, and the number of the event that recorded it; none where it is to come."""

    metric: str
    number: int
    kind: str
    value: int
    at: datetime
    event: int | None = None


@dataclass
class Replies:
    """What :func:`replies_of` found: a run for each clock of a reply, and the marks of all clocks in order."""

    runs: dict[Key, Run] = field(default_factory=dict)
    marks: list[Reached] = field(default_factory=list)


def replies_of(moments: Sequence[Moment], kept: Kept) -> Replies:
    """The clocks of replies with their lines, as the rows of clocks follow the same events.

    ``kept`` has the terms and hours that the events name; what ends with the last moment runs up to it.
    """
    clocks, found, plain = CaseClocks(kept), Replies(), dict[Key, list[tuple[Line, HoursKept]]]()
    for moment in moments:
        if moment.at != moments[0].at:
            clocks.settle()
        clocks.take(moment.event, moment.start, moment.facts)
        if isinstance(moment.event, ClockMarked):
            found.marks.append(_recorded(moment.event, moment))
        for row in clocks.rows:
            if row.metric != SlaMetric.RESOLVE and row.ended_at is None:
                key = (row.metric, row.number)
                _extend(found.runs.setdefault(key, Run(None)), plain.setdefault(key, []), row, moment, kept)
    for key, run in found.runs.items():
        run.lines = list(joined(piece for line, hours in plain[key] for piece in _cut(line, hours)))
    for row in clocks.rows:
        _finish(found.runs.get((row.metric, row.number)), row, kept)
    found.marks += _to_come(clocks)
    return found


def _recorded(event: ClockMarked, moment: Moment) -> Reached:
    return Reached(event.metric, event.number, event.kind, event.value, moment.start, moment.seq)


def _to_come(clocks: CaseClocks) -> list[Reached]:
    running = [row for row in clocks.rows if row.ended_at is None]
    coming = [
        Reached(row.metric, row.number, mark.kind, mark.value, mark.at)
        for row in running
        for mark in clocks.marks_left(row)
    ]
    return sorted(coming, key=lambda mark: mark.at)


def _extend(run: Run, plain: list[tuple[Line, HoursKept]], row: SlaClock, moment: Moment, kept: Kept) -> None:
    """One more moment in which the clock runs or stands."""
    hours = kept.hours[row.calendar_id]
    if plain and plain[-1][0].end < moment.start:
        # Its end was taken back and the due date never moved: the time since then counts after all.
        plain.append((Line(Kind.COUNTED, Why.OPEN, plain[-1][0].end, moment.start, event=moment.seq), hours))
    kind, why = (Kind.PAUSED, moment.holder or Why.HELD) if row.due_at is None else (Kind.COUNTED, Why.OPEN)
    before = plain[-1] if plain else None
    goes_on = before is not None and (before[0].kind, before[0].why, before[1]) == (kind, why, hours)
    event = before[0].event if before and goes_on else moment.seq
    plain.append((Line(kind, why, moment.start, moment.end, event=event), hours))


def _cut(line: Line, hours: HoursKept) -> list[Line]:
    return list(open_and_closed(line, hours)) if line.kind is Kind.COUNTED else [line]


def _finish(run: Run | None, row: SlaClock, kept: Kept) -> None:
    """What the clock says of itself, beside the lines."""
    if run is None:
        return
    run.metric, run.number = row.metric, row.number
    run.terms, run.version, run.hours = row.terms_id, row.calendar_id, kept.hours[row.calendar_id]
    run.target, run.due, run.ended_at = row.target, row.due_at, row.ended_at


def check_against(runs: Mapping[Key, Run], rows: Sequence[SlaClock], until: datetime) -> None:
    """Note on each run what is left by the row that was written with the events; it may differ, then somebody erred."""
    for row in rows:
        run = runs.get((row.metric, row.number))
        if run is None or run.hours is None:
            continue
        end = row.ended_at or until
        left = row.remaining if row.due_at is None else run.hours.calendar.between(end, row.due_at) // _SECOND
        run.recorded_left = left
