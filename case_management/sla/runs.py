"""The promises of a case, one after the other, and what was counted on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from case_management.domain.events import CaseReopened
from case_management.models.sla import SlaMetric
from case_management.sla.hours_kept import HoursKept
from case_management.sla.lines import Kind, Line, Why, joined, open_and_closed, to_second, total
from case_management.sla.moments import Moment, restores_facts

_SECOND = timedelta(seconds=1)
HoursOf = Callable[[int | None, int | None], HoursKept | None]
"""From the ids of a version of a calendar and of a policy to hours; None where neither is known."""
_Plain = tuple[Line, HoursKept | None]


@dataclass
class Run:
    """One promise from its start to the resolution; a reopened case begins another run, and so does each reply owed.

    ``target`` and ``left`` are seconds of open time; ``left`` is negative past the due date. ``recorded_left`` is
    the same by the due date that was recorded, None where the clock is not known to stand or run. ``ended_at`` is known
    of replies; that of a resolution shows in its lines.
    """

    hours: HoursKept | None
    policy: int | None = None
    version: int | None = None
    terms: int | None = None
    target: int = 0
    due: datetime | None = None
    recorded_left: int | None = None
    is_running: bool = False
    metric: str = SlaMetric.RESOLVE.value
    number: int = 1
    ended_at: datetime | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def counted(self) -> int:
        """Seconds of open time that were used up."""
        return total(self.lines, Kind.COUNTED)

    @property
    def left(self) -> int:
        """Seconds of open time until the promise is broken."""
        return self.target - self.counted

    @property
    def is_consistent(self) -> bool:
        """Whether the lines say what the recorded clock says; moments before versions were kept may be off by one."""
        return self.recorded_left is None or abs(self.recorded_left - self.left) <= 1


def runs_of(moments: Sequence[Moment], hours_of: HoursOf) -> list[Run]:
    """The promises, one after the other, with what was counted on each."""
    runs, plain, has_clock = list[Run](), list[list[_Plain]](), False
    for moment in moments:
        promised = moment.facts.get("sla_target") is not None
        if promised and (not has_clock or _begins_anew(moment)):
            runs.append(Run(None))
            plain.append([])
        has_clock = promised
        if promised:
            _extend(runs[-1], plain[-1], moment, hours_of)
    for run, lines in zip(runs, plain, strict=True):
        run.lines = list(joined(piece for line, hours in lines for piece in _cut(line, hours)))
    # A promise that was replaced in the second in which it was made is none.
    return [run for run in runs if run.lines or (has_clock and run is runs[-1])]


def _begins_anew(moment: Moment) -> bool:
    """Whether a reopened case got its promise anew rather than going on with what was left."""
    return isinstance(moment.event, CaseReopened) and not moment.event.continues


def _extend(run: Run, lines: list[_Plain], moment: Moment, hours_of: HoursOf) -> None:
    """One more moment of a run: the clock as it was recorded, and a line that is not cut yet."""
    facts = moment.facts
    known = (run.policy, run.version)
    run.policy, run.version = facts.get("sla_policy_id"), facts.get("sla_calendar_id")
    run.terms = facts.get("sla_terms_id")
    if run.hours is None or known != (run.policy, run.version):
        run.hours = hours_of(run.version, run.policy)
    run.target, due_at = facts["sla_target"], facts.get("sla_due_at")
    if restores_facts(moment.event) and not moment.is_done and due_at is not None and due_at == run.due:
        _as_if_it_ran(lines)
    run.due = due_at or run.due
    if not lines and (since := getattr(moment.event, "since", None)) is not None:
        before = Line(Kind.COUNTED, Why.BEFORE, to_second(since), moment.start, event=moment.seq)
        lines.append((before, run.hours))
    line = _plain(moment, lines[-1][0] if lines else None)
    run.is_running = line.kind is Kind.COUNTED
    run.recorded_left = _recorded(run, facts, moment)
    lines.append((line, run.hours))


def _as_if_it_ran(lines: list[_Plain]) -> None:
    """What stopped the clock was taken back and the due date never moved: the time since then counts after all."""
    for at in range(len(lines) - 1, -1, -1):
        line, hours = lines[at]
        if line.kind is Kind.COUNTED:
            return
        lines[at] = (Line(Kind.COUNTED, Why.OPEN, line.start, line.end, event=line.event), hours)


def _plain(moment: Moment, before: Line | None) -> Line:
    if moment.is_done:
        kind, why = Kind.STOPPED, Why.DONE
    elif moment.facts.get("sla_due_at") is None:
        kind, why = Kind.PAUSED, moment.holder or Why.HELD
    else:
        kind, why = Kind.COUNTED, Why.OPEN
    goes_on = before is not None and (before.kind, before.why) == (kind, why) and moment.event.code != "sla_applied"
    return Line(kind, why, moment.start, moment.end, event=before.event if before and goes_on else moment.seq)


def _cut(line: Line, hours: HoursKept | None) -> Iterable[Line]:
    if line.kind is not Kind.COUNTED or hours is None:
        return joined([line])
    return open_and_closed(line, hours)


def _recorded(run: Run, facts: Mapping[str, Any], moment: Moment) -> int | None:
    """What is left by the recorded clock at the end of the moment, or at the resolution."""
    if moment.is_done:
        return run.recorded_left
    if facts.get("sla_due_at") is None:
        return facts.get("sla_remaining")
    if run.hours is None:
        return None
    return run.hours.calendar.between(moment.end, to_second(facts["sla_due_at"])) // _SECOND
