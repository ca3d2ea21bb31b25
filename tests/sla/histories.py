"""Two real logs of events, told as the steps that the cases would have taken here."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from case_management.domain import events
from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.domain.states import DONE, Status
from case_management.models import Case
from case_management.operations.record_histories import History, Step
from case_management.sla.deadlines import Deadlines, missed
from case_management.sla.terms import Matter

#: What the incidents' states are here: a status, and for whom it waits.
STATES = {
    "New": (Status.NEW, ""),
    "Active": (Status.IN_PROGRESS, ""),
    "Awaiting User Info": (Status.WAITING, "customer"),
    "Awaiting Evidence": (Status.WAITING, "customer"),
    "Awaiting Problem": (Status.WAITING, "third_party"),
    "Awaiting Vendor": (Status.WAITING, "third_party"),
    "Resolved": (Status.RESOLVED, ""),
    "Closed": (Status.CLOSED, ""),
}
#: The same for the tickets' activities; any other one is work.
ACTIVITIES = {
    "Insert ticket": (Status.NEW, ""),
    "Assign seriousness": (Status.NEW, ""),
    "Wait": (Status.WAITING, "customer"),
    "Require upgrade": (Status.WAITING, "third_party"),
    "Resolve ticket": (Status.RESOLVED, ""),
    "Closed": (Status.CLOSED, ""),
}
Told = list[tuple[datetime, Status, str]]


def incidents(data: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of the log by the incident's number."""
    return _grouped(data / "uci_incidents_6k/incident_event_log.csv", "number")


def tickets(data: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of the log by the ticket's name."""
    return _grouped(data / "helpdesk_italy/Helpdesk.csv", "case:concept:name")


def _grouped(path: Path, key: str) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row[key]].append(row)
    return found


def incident_told(rows: list[dict[str, str]]) -> Told:
    """When an incident was in which state; moments in UTC, never going back."""
    return _forwards((_day_first(row["sys_updated_at"]), *STATES[row["incident_state"]]) for row in rows)


def ticket_told(rows: list[dict[str, str]]) -> Told:
    """The same of a ticket; what comes after its opening is work."""
    work = (Status.IN_PROGRESS, "")
    return _forwards(
        (datetime.fromisoformat(row["time:timestamp"]), *ACTIVITIES.get(row["concept:name"], work)) for row in rows
    )


def _day_first(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def _forwards(moments: Any) -> Told:
    told: Told = []
    for at, status, holder in moments:
        told.append((max(at, told[-1][0]) if told else at, status, holder))
    return told


def history(reference: str, source: Any, opening: events.CaseOpened, told: Told, deadlines: Deadlines) -> History:
    """The steps that lead from state to state; a case that comes back is reopened."""
    case = Case(reference=reference[-12:], external_id=reference, source=source, title=reference)
    by = Actor.importing(None, batch="log")
    clock = deadlines.on_open(Matter(opening.priority), told[0][0])
    steps = [Step("open", told[0][0], by, lambda held: [opening, *clock])]
    status, waits_for = Status.NEW, ""
    for at, wanted, holder in told:
        for verb, decide in _way(status, waits_for, (wanted, holder), at, deadlines):
            steps.append(Step(verb, at, by, decide))
        if wanted is not Status.NEW and not (status is Status.CLOSED and wanted is Status.RESOLVED):
            status, waits_for = wanted, holder
    return History(case, steps)


def _way(
    status: Status, waits_for: str, wanted: tuple[Status, str], at: datetime, deadlines: Deadlines
) -> Iterator[tuple[str, Callable[[Case], list[Event]]]]:
    to, holder = wanted
    if to is Status.NEW or (to, holder) == (status, waits_for) or (status is Status.CLOSED and to is Status.RESOLVED):
        return
    if status in DONE and to not in DONE:
        yield (
            "reopen",
            lambda case: [
                events.CaseReopened(count=case.reopen_count + 1, continues=deadlines.goes_on(case) or None),
                *deadlines.on_reopen(case, at),
            ],
        )
        status = Status.IN_PROGRESS
    if status is Status.WAITING and to not in DONE:
        yield "resume", lambda case: [events.CaseResumed(), *deadlines.on_resume(case, at)]
        status = Status.IN_PROGRESS
    if status is Status.NEW and to is Status.IN_PROGRESS:
        yield "start", lambda case: [events.CaseStarted()]
    if to is Status.WAITING:
        yield "wait", lambda case: [events.CaseWaiting(waiting_for=holder), *deadlines.on_wait(case, holder, at)]
    if to in DONE and status not in DONE:
        yield "resolve", lambda case: [*missed(case, at), events.CaseResolved()]
    if to is Status.CLOSED:
        yield "close", lambda case: [events.CaseClosed()]
