"""The trial of a policy: each case opened in a span as it was, and as it would have been with the policy in force."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from case_management.domain.states import DONE
from case_management.models import Case, ChangeSetRow, SlaClock, SlaPolicy
from case_management.models.among import among
from case_management.models.sla import SlaMetric
from case_management.sla.clock import Clock, consumed
from case_management.sla.clock_rows import clock_of
from case_management.sla.deadlines import clock_of_case, whole
from case_management.trying.names import Names
from case_management.trying.past import histories
from case_management.trying.policy_lives import TELLING, Both, Life, Lives, Spans, is_late, unborn
from case_management.trying.result import Chunk, Tally, Touched
from case_management.trying.trial import Trial
from case_management.trying.tried_policy import TriedBook, TriedPolicy

RESOLVE = SlaMetric.RESOLVE.value
#: A clock by its metric and number.
Key = tuple[str, int]
NOTHING = {"policy": None, "target": None, "due_at": None, "kept": "none", "worked": None}


class PolicyTrial(Trial):
    """One policy, switched on at its place in the order, over the cases that were opened in the span."""

    model: ClassVar[Any] = SlaPolicy

    def __init__(self, tried: TriedPolicy, since: datetime, until: datetime, reader: Any = None) -> None:
        super().__init__(since, until, reader)
        self._tried, self._book = tried, TriedBook.with_tried(tried)
        self._lives = Lives(self._book, tried.pk, until)
        self._names = {**Names().of("sla_policy_id"), tried.pk: tried.label}

    @property
    def subjects(self) -> Any:
        """The cases that were opened in the span."""
        return Case.objects.filter(opened_at__gte=self.since, opened_at__lte=self.until)

    def look(self, subjects: list[tuple[int, int | None]]) -> Chunk:
        """What would have been otherwise with these cases (id, contact's id)."""
        chunk, ids = Chunk(), [pk for pk, _contact in subjects]
        sources = dict(Case.objects.filter(pk__in=among(Case, ids)).values_list("pk", "source_id"))
        undone, contacts = _undone(ids), dict(subjects)
        for case_id, events in histories(ids, self.until, types=TELLING):
            case = unborn(sources[case_id], contacts[case_id])
            both = self._lives.live(case, events, undone.get(case_id, {}))
            self._note(chunk, Touched(both.was.case.opened_at, case_id=case_id), both)
        return chunk

    def _note(self, chunk: Chunk, row: Touched, both: Both) -> None:
        was, tally = self._stand(both.was), chunk.tally
        if both.would_be is None:
            for (metric, _number), stand in was.items():
                tally.add(f"beside.{metric}", stand["kept"])
            return
        row.actions = compared(was, self._stand(both.would_be))
        tally.add("total", "cases")
        tally.add("total", "changed", any(map(_differs, row.actions)))
        count(tally, row.actions)
        chunk.rows.append(row)

    def _stand(self, life: Life) -> dict[Key, dict[str, Any]]:
        """Each promise of the case as it stands at the end."""
        return _Stand(life, self._book, self._names, self.until).promises()


def _undone(case_ids: list[int]) -> dict[int, Spans]:
    """By case, the events of change sets that were taken back; one query."""
    rows = ChangeSetRow.objects.filter(
        case__in=among(ChangeSetRow, case_ids), change_set__undone_by__isnull=False, first_seq__isnull=False
    )
    found: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for case_id, change_set, first, last in rows.values_list("case_id", "change_set_id", "first_seq", "last_seq"):
        found[case_id][change_set] = first or 0, last or 0
    return dict(found)


@dataclass
class _Stand:
    life: Life
    book: TriedBook
    names: dict[int, str]
    until: datetime
    found: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def promises(self) -> dict[Key, dict[str, Any]]:
        """By clock; seconds, and moments as ISO text."""
        self.found[RESOLVE, 1] = self._resolution()
        for row in self.life.clocks.rows:
            if row.metric != RESOLVE:
                self.found[row.metric, row.number] = self._reply(row)
        return self.found

    def _resolution(self) -> dict[str, Any]:
        case = self.life.case
        clock, hours = clock_of_case(case), self.book.calendar_of(case)
        ended_at = (case.resolved_at or case.closed_at) if case.status in DONE else None
        worked = None
        if clock is not None and hours is not None:
            worked = int(consumed(clock, hours, at=whole(ended_at or self.until)).total_seconds())
        has_promise = case.due_at is not None or clock is not None
        return {
            "policy": self.names.get(case.sla_policy_id or 0, f"#{case.sla_policy_id}") if case.sla_policy_id else None,
            "target": case.sla_target,
            "due_at": _iso(case.due_at),
            "kept": _outcome(has_promise, case.breached_at is not None, case.status in DONE),
            "worked": worked,
        }

    def _reply(self, row: SlaClock) -> dict[str, Any]:
        clock: Clock = clock_of(row)
        worked = consumed(clock, self.book.kept.calendar_of(row), at=whole(row.ended_at or self.until))
        late = (row.metric, row.number) in self.life.missed or is_late(row, self.until)
        return {
            "target": row.target,
            "due_at": _iso(row.due_at),
            "kept": _outcome(True, late, row.ended_at is not None),
            "worked": int(worked.total_seconds()),
        }


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _outcome(has_promise: bool, is_missed: bool, is_over: bool) -> str:
    if is_missed:
        return "missed"
    if not has_promise:
        return "none"
    return "kept" if is_over else "running"


def compared(was: dict[Key, dict[str, Any]], would_be: dict[Key, dict[str, Any]]) -> list[dict[str, Any]]:
    """An entry per clock: what differs, and in any case whether it was kept and would be."""
    entries = []
    for metric, number in sorted({*was, *would_be}, key=lambda key: (key[0] != RESOLVE, key)):
        before, after = was.get((metric, number), NOTHING), would_be.get((metric, number), NOTHING)
        named = [name for name in NOTHING if name in before or name in after]
        changes = [
            {"field": name, "before": before.get(name), "after": after.get(name)}
            for name in named
            if name == "kept" or before.get(name) != after.get(name)
        ]
        entries.append({"action": metric, "number": number, "changes": changes})
    return entries


def _differs(entry: dict[str, Any]) -> bool:
    return any(change["before"] != change["after"] for change in entry["changes"])


def count(tally: Tally, entries: list[dict[str, Any]]) -> None:
    """Add the entries of a case up: what became of each promise, which policy governed, and how due dates moved."""
    for entry in entries:
        for change in entry["changes"]:
            name, before, after = change["field"], change["before"], change["after"]
            if name == "kept":
                tally.add(f"kept.{entry['action']}", f"{before} → {after}")
            elif name == "policy":
                tally.add("policy", f"{before or '–'} → {after or '–'}")
            elif name == "due_at":
                how = "new" if before is None else "gone" if after is None else "earlier" if after < before else "later"
                tally.add(f"due.{entry['action']}", how)
