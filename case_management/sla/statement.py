"""The statement of a case's clocks: every stretch of its life, counted or not and why, derived from its events.

A pure function of the events, of the versions of calendars that they name, and of the moment up to which it is drawn
up. Nothing is read from the case's row, so it also checks the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from case_management.sla.clock_rows import Kept
from case_management.sla.lines import Kind, Line, Why, joined, to_second
from case_management.sla.moments import Happened, Moment, moments_of
from case_management.sla.replies import Replies, replies_of
from case_management.sla.runs import HoursOf, Run, runs_of


@dataclass(frozen=True)
class Statement:
    """The clocks of one case up to ``until``: the promises to resolve it, the customer's, and the replies owed."""

    until: datetime
    runs: list[Run]
    waiting: list[Line]
    replies: Replies = field(default_factory=Replies)

    @property
    def waited(self) -> int:
        """Real seconds from opening to the resolution, or until now: nights, holidays and pauses are waiting too."""
        return sum(line.seconds for line in self.waiting)


def draw_up(happened: Sequence[Happened], hours_of: HoursOf, until: datetime, kept: Kept | None = None) -> Statement:
    """The statement of a case with these events, in their order, up to ``until`` (aware).

    ``kept`` has the terms and hours that the events name; without it, there are no clocks of replies.
    Raises ``ValueError`` without events.
    """
    if not happened:
        raise ValueError("A statement needs the case's events; give all of them, from the first on.")
    end = max(to_second(until), to_second(happened[0].at))
    moments = moments_of(happened, end)
    replies = replies_of(moments, kept) if kept is not None and kept.terms else Replies()
    return Statement(end, runs_of(moments, hours_of), _waiting(moments), replies)


def _waiting(moments: list[Moment]) -> list[Line]:
    """Everything up to the last resolution: whoever comes back was not helped in between."""
    last = max((at for at, moment in enumerate(moments) if not moment.is_done), default=-1)
    lines, since = list[Line](), moments[0].seq
    for before, moment in zip([None, *moments], moments[: last + 1], strict=False):
        why = _whose_turn(moment)
        since = moment.seq if before is None or _whose_turn(before) != why else since
        lines.append(Line(Kind.COUNTED, why, moment.start, moment.end, event=since))
    return list(joined(lines))


def _whose_turn(moment: Moment) -> Why:
    if moment.is_done:
        return Why.DONE
    return moment.holder or Why.OUR_TURN
