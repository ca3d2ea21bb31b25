"""A case's statement with the names of what it rests on, read from the database: what a page or a command shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from case_management.domain.events import EVENTS
from case_management.models import CalendarVersion, Case, CaseEvent, SlaClock, SlaPolicy, SlaTerms
from case_management.sla import following
from case_management.sla.clock_rows import Kept
from case_management.sla.hours_kept import HoursKept
from case_management.sla.lines import Line
from case_management.sla.moments import Happened, restores_facts
from case_management.sla.policy_reading import hours_today
from case_management.sla.replies import Reached, check_against
from case_management.sla.runs import Run
from case_management.sla.statement import Statement, draw_up
from case_management.sla.terms import Terms

_FACTS = {"status", "waiting_for", "sla_policy_id", "sla_calendar_id", "sla_target", "sla_due_at", "sla_remaining"}
#: Codes of the events that may move a clock; those that touch what an earlier event touched say so case by case.
MOVING = sorted(
    following.MOVING | {code for code, event in EVENTS.items() if event.touches & _FACTS or restores_facts(event)}
)


@dataclass(frozen=True)
class Account:
    """A statement, the zone in which its moments are told; by id policies, (calendar, version), (policy, version)."""

    reference: str
    statement: Statement
    zone: str
    policies: dict[int, str]
    versions: dict[int, tuple[str, int]]
    terms: dict[int, tuple[str, int]]

    def as_json(self) -> dict[str, Any]:
        """Codes, seconds, and ISO moments in the calendar's zone with their offset."""
        runs, zone = self.statement.runs, ZoneInfo(self.zone)
        return {
            "reference": self.reference,
            "until": _iso(self.statement.until, zone),
            "time_zone": self.zone,
            "business": [self._run(run) for run in runs],
            "replies": [self._reply(run) for run in self.statement.replies.runs.values()],
            "marks": [_mark(mark, zone) for mark in self.statement.replies.marks],
            "waiting": {"seconds": self.statement.waited, "lines": _lines(self.statement.waiting, zone)},
        }

    def policy_of(self, run: Run) -> tuple[str | None, int | None]:
        """The name of the policy that promised it, and the number of its version; older clocks have none."""
        return self.terms.get(run.terms or 0) or (self.policies.get(run.policy or 0), None)

    @property
    def agrees(self) -> bool:
        """Whether the lines of every clock say what its recorded clock says."""
        return all(run.is_consistent for run in (*self.statement.runs, *self.statement.replies.runs.values()))

    def _reply(self, run: Run) -> dict[str, Any]:
        zone = ZoneInfo(run.hours.zone if run.hours else self.zone)
        ended_at = _iso(run.ended_at, zone) if run.ended_at else None
        return {"metric": run.metric, "number": run.number, "ended_at": ended_at, **self._run(run)}

    def _run(self, run: Run) -> dict[str, Any]:
        zone = ZoneInfo(run.hours.zone if run.hours else self.zone)
        calendar, version = self.versions.get(run.version or 0, (None, None))
        policy, policy_version = self.policy_of(run)
        return {
            "policy": policy,
            "policy_version": policy_version,
            "calendar": calendar,
            "calendar_version": version,
            "time_zone": str(zone),
            "target_seconds": run.target,
            "counted_seconds": run.counted,
            "left_seconds": run.left,
            "due_at": _iso(run.due, zone) if run.due else None,
            "agrees_with_the_clock": run.is_consistent,
            "lines": _lines(run.lines, zone),
        }


def account_of(case: Case, *, until: datetime | None = None) -> Account:
    """The statement of ``case`` up to ``until`` (aware; now); a constant number of queries."""
    happened, until = list(_read(case)), until or timezone.now()
    hours, terms = _Hours.of(happened), _Kept.of(happened)
    drawn = draw_up(happened, hours.of_clock, until, Kept(terms.with_marks, hours.kept))
    if drawn.replies.runs and happened[-1].at <= until:
        check_against(drawn.replies.runs, SlaClock.objects.filter(case=case), drawn.until)
    zones = [run.hours.zone for run in drawn.runs if run.hours]
    zone = (zones[-1] if zones else (case.unit.timezone if case.unit else "")) or timezone.get_default_timezone_name()
    return Account(case.reference, drawn, zone, _older_policies(drawn), hours.names, terms.names)


@dataclass(frozen=True)
class _Kept:
    """The versions of policies that the events name: their names with numbers, and terms with marks."""

    names: dict[int, tuple[str, int]]
    with_marks: dict[int, Terms]

    @classmethod
    def of(cls, happened: Iterable[Happened]) -> _Kept:
        """One query; none for older clocks, which name no version."""
        facts = (each.event.changes(each.at) for each in happened)
        named = {terms for each in facts if (terms := each.get("sla_terms_id"))}
        rows = list(SlaTerms.objects.filter(pk__in=named).select_related("policy")) if named else []
        terms = {row.pk: Terms.from_json(row.terms) for row in rows}
        return cls(
            {row.pk: (row.policy.name, row.number) for row in rows},
            {pk: each for pk, each in terms.items() if each.has_marks},
        )


def _older_policies(drawn: Statement) -> dict[int, str]:
    """Names of the policies of clocks that are older than versions; one query if there are any."""
    named = {run.policy for run in drawn.runs if run.policy and not run.terms}
    return dict(SlaPolicy.objects.filter(pk__in=named).values_list("pk", "name")) if named else {}


def _read(case: Case) -> Iterator[Happened]:
    stored = CaseEvent.objects.filter(case=case, type__in=MOVING).order_by("seq")
    for seq, code, payload, at in stored.values_list("seq", "type", "payload", "occurred_at"):
        yield Happened(seq, at, EVENTS[code].from_payload(payload))


@dataclass(frozen=True)
class _Hours:
    """The hours that the events name, by version; for clocks older than versions today's hours of the policy."""

    kept: dict[int, HoursKept]
    names: dict[int, tuple[str, int]]
    today: dict[int, HoursKept]

    @classmethod
    def of(cls, happened: Iterable[Happened]) -> _Hours:
        facts = [each.event.changes(each.at) for each in happened]
        wanted = {named["sla_calendar_id"] for named in facts if named.get("sla_calendar_id")}
        versions = list(CalendarVersion.objects.filter(pk__in=wanted).select_related("calendar")) if wanted else []
        old = {
            named["sla_policy_id"] for named in facts if named.get("sla_policy_id") and not named.get("sla_calendar_id")
        }
        calendars = dict(SlaPolicy.objects.filter(pk__in=old).values_list("pk", "calendar_id")) if old else {}
        hours = hours_today(set(calendars.values())) if calendars else {}
        return cls(
            {version.pk: HoursKept.from_json(version.hours) for version in versions},
            {version.pk: (version.calendar.name, version.number) for version in versions},
            {policy: hours[calendar] for policy, calendar in calendars.items()},
        )

    def of_clock(self, version: int | None, policy: int | None) -> HoursKept | None:
        return self.kept.get(version or 0) or self.today.get(policy or 0)


def _lines(lines: Iterable[Line], zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(line.kind),
            "why": str(line.why),
            "name": line.name,
            "from": _iso(line.start, zone),
            "to": _iso(line.end, zone),
            "seconds": line.seconds,
            "event": line.event,
        }
        for line in lines
    ]


def _mark(mark: Reached, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "metric": mark.metric,
        "number": mark.number,
        "kind": mark.kind,
        "value": mark.value,
        "at": _iso(mark.at, zone),
        "event": mark.event,
    }


def _iso(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()
