"""A rule for interactions over a chunk of them: what customers said stays as it is, so the database answers."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from case_management.domain.actor import Actor
from case_management.domain.states import Status
from case_management.models import Case, Interaction, Rule, Settings
from case_management.models.among import among
from case_management.operations.open_case import drawn_up
from case_management.rules.actions.base import checked_parameters
from case_management.rules.actions.open_case import draft_of
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.foresight import Foreseen, Foresight
from case_management.rules.scope import whole_conditions
from case_management.timeline.projection import project
from case_management.trying.cadence import Ledger
from case_management.trying.names import Names
from case_management.trying.past import PastState, histories
from case_management.trying.recipients import ToTell, tell
from case_management.trying.result import Chunk, Touched, count_actions, told
from case_management.trying.rivals import live_beside, place_of

#: What is asked of a contact or of its cases is as it is today; the rest of an interaction stays what it was.
_OF_CONTACTS = (
    "contact_name",
    "contact_external_id",
    "contact_language",
    "contact_email",
    "contact_phone",
    "country",
    "contact_tags",
)
_OPENED = ("topic_id", "priority_id", "case_type_id", "unit_id", "team_id", "status", "due_at")


@dataclass
class _Known:
    """A case of a contact that could take an interaction in: one of the history, or one that the rule opened."""

    case_id: int
    opened_at: datetime
    #: Moments of its events, and its status from each on.
    moments: list[datetime] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def was_open(self, at: datetime, since: datetime) -> bool:
        """Whether it was open then, and something happened to it after ``since``."""
        place = bisect_right(self.moments, at)
        return bool(place) and Status(self.statuses[place - 1]).is_open and self.moments[place - 1] >= since


class OverInteractions:
    """The trial of a rule that is asked when an interaction is received, between two moments."""

    def __init__(self, rule: Rule, since: datetime, until: datetime) -> None:
        self.rule, self.since, self.until = rule, since, until
        self.names = Names()
        fields = fields_of(rule.occasion)
        self._tree = parse(whole_conditions(rule.conditions, rule.scope), fields)
        self.as_today = {leaf.name: str(leaf.field.label) for leaf in self._tree.leaves() if leaf.name in _OF_CONTACTS}
        self._actions = [checked_parameters(stored) for stored in rule.actions]
        others = [other for other in live_beside(rule) if other.stops and place_of(other) < place_of(rule)]
        self._stopping = [(other, parse(whole_conditions(other.conditions, other.scope), fields)) for other in others]
        opens = [other for other in live_beside(rule) if _opens(other) and _opens(rule)]
        self._doubling = [(other, parse(whole_conditions(other.conditions, other.scope), fields)) for other in opens]

    def look(self, subjects: list[tuple[int, int | None]]) -> Chunk:
        """What the rule would have done about these interactions (id, contact's id)."""
        chunk, ids = Chunk(), [pk for pk, _contact in subjects]
        chunk.tally.add("total", "occasions", len(ids))
        held = self._held(self._tree, ids)
        if held:
            rows = Interaction.objects.select_related("source", "unit", "contact").in_bulk(list(held))
            _Acting(self, chunk, self._admitted(list(rows.values()), chunk)).act()
        return chunk

    def _held(self, tree: Any, ids: list[int]) -> set[int]:
        rows = Interaction.objects.filter(pk__in=among(Interaction, ids))
        return set(rows.filter(tree.compile(Circumstances(rows))).values_list("pk", flat=True))

    def _admitted(self, rows: list[Interaction], chunk: Chunk) -> list[Interaction]:
        ledger, ids = Ledger(self.rule), [row.pk for row in rows]
        stopping = [(other, self._held(tree, ids), Ledger(other)) for other, tree in self._stopping]
        chunk.tally.add("total", "held", len(rows))
        admitted = []
        for row in sorted(rows, key=lambda row: (row.occurred_at, row.pk)):
            by = next(
                (other.label for other, held, theirs in stopping
                 if row.pk in held and theirs.admit(row.pk, row.contact_id, row.occurred_at)), "",
            )  # fmt: skip
            if by:
                chunk.tally.add("stopped", by)
            elif ledger.admit(row.pk, row.contact_id, row.occurred_at):
                admitted.append(row)
        return admitted

    def doubled(self, ids: list[int]) -> dict[int, list[str]]:
        """Interaction → labels of live rules that would open a case about it as well."""
        found: dict[int, list[str]] = defaultdict(list)
        for other, tree in self._doubling:
            for pk in self._held(tree, ids):
                found[pk].append(f"{other.label}: open_case")
        return found


def _opens(rule: Rule) -> bool:
    return any(stored.get("action") == "open_case" for stored in rule.actions)


class _Acting:
    """What the actions would do, about each interaction in order of time."""

    def __init__(self, over: OverInteractions, chunk: Chunk, rows: list[Interaction]) -> None:
        self._over, self._chunk, self._rows = over, chunk, rows
        opening = [
            (stored, parameters) for stored, (_action, parameters) in zip(over.rule.actions, over._actions, strict=True)
            if stored["action"] == "open_case"
        ]  # fmt: skip
        self._parameters: dict[str, Any] | None = opening[0][1] if opening else None
        self._fresh = self._drawn_up() if opening else {}
        self._known = self._cases_of_contacts() if self._parameters and self._parameters["group"] else {}
        self._group_days = timedelta(days=Settings.load().group_days)
        self._to_tell: list[ToTell] = []

    def _drawn_up(self) -> dict[int, tuple[Case, list[Any]]]:
        """Interaction → the case that would be opened (its key is a negative number) and its first events."""
        drafts = [replace(draft_of(row, self._parameters or {}), clock_from=row.occurred_at) for row in self._rows]
        entries = drawn_up(drafts, [str(row.pk) for row in self._rows], by=Actor.rule(self._over.rule.label))
        for row, entry in zip(self._rows, entries, strict=True):
            entry.case.pk = -row.pk
        return {row.pk: (entry.case, list(entry.events)) for row, entry in zip(self._rows, entries, strict=True)}

    def _cases_of_contacts(self) -> dict[int, list[_Known]]:
        contacts = {row.contact_id for row in self._rows if row.contact_id}
        cases = Case.objects.filter(contact_id__in=among(Case, contacts))
        facts = {
            pk: (contact, opened_at) for pk, contact, opened_at in cases.values_list("pk", "contact_id", "opened_at")
        }
        known: dict[int, list[_Known]] = defaultdict(list)
        for case_id, events in histories(list(facts), self._over.until, with_actors=False):
            contact, opened_at = facts[case_id]
            one, state = _Known(case_id, opened_at), PastState(case_id)
            for happened in events:
                state.apply(happened.event, happened.occurred_at)
                one.moments.append(happened.occurred_at)
                one.statuses.append(state.values["status"])
            known[contact].append(one)
        return known

    def act(self) -> None:
        """Go through them, then find out who would have been told, then add up."""
        doubled = self._over.doubled([row.pk for row in self._rows])
        for row in self._rows:
            self._chunk.rows.append(Touched(row.occurred_at, interaction_id=row.pk, conflicts=doubled.get(row.pk, [])))
            self._one(row, self._chunk.rows[-1])
        tell(self._to_tell, self._over.names)
        self._add_up()

    def _one(self, row: Interaction, touched: Touched) -> None:
        case: Case | None = None
        if self._parameters is not None:
            case, opening = self._open_or_join(row)
            touched.case_id = case.pk if case.pk > 0 else None
            touched.actions += told([opening], self._over.names)
        for entry in self._after(row, case):
            touched.actions.append(entry)

    def _open_or_join(self, row: Interaction) -> tuple[Case, Foreseen]:
        joined = self._joined(row)
        if joined is not None:
            case = (
                _as_it_was(joined.case_id, row.occurred_at) if joined.case_id > 0 else self._fresh[-joined.case_id][0]
            )
            joined.moments.append(row.occurred_at)
            joined.statuses.append(case.status)
            return case, Foreseen("open_case", tells={"attached": case.reference if case.pk > 0 else True})
        case, events = self._fresh[row.pk]
        for event in events:
            project(case, event, row.occurred_at)
        if row.contact_id:
            opened = _Known(case.pk, row.occurred_at, [row.occurred_at], [case.status])
            self._known.setdefault(row.contact_id, []).append(opened)
        facts = {name: (None, getattr(case, name)) for name in _OPENED if getattr(case, name) is not None}
        return case, Foreseen("open_case", changes=facts, tells={"opened": True})

    def _joined(self, row: Interaction) -> _Known | None:
        if not self._parameters or not self._parameters["group"] or row.contact_id is None:
            return None
        at, since = row.occurred_at, row.occurred_at - self._group_days
        known = [one for one in self._known.get(row.contact_id, ()) if one.was_open(at, since)]
        return max(known, key=lambda one: one.opened_at, default=None)

    def _after(self, row: Interaction, case: Case | None) -> Iterable[dict[str, Any]]:
        """What the other actions would do; without a case most have nothing to act on."""
        rest = [stored for stored in self._over.rule.actions if stored["action"] != "open_case"]
        if case is None:
            return [{"action": stored["action"], **({"alert": True} if stored["action"] == "alert" else {})}
                    for stored in rest]  # fmt: skip
        rule = Rule(key=self._over.rule.key, version=self._over.rule.version, actions=rest)
        foreseen = Foresight(rule, {case.pk: case}).foresee(case, set(), row.occurred_at)
        entries = told(foreseen, self._over.names)
        self._to_tell += [(entry, case, None) for entry in entries if "notify" in entry]
        return entries

    def _add_up(self) -> None:
        tally, cases = self._chunk.tally, set[int]()
        for row in self._chunk.rows:
            tally.add("total", "acted")
            tally.add("day", row.at.date().isoformat())
            count_actions(tally, row.actions)
            for entry in row.actions:
                tally.add("total", "opened", "opened" in entry)
                tally.add("total", "attached", "attached" in entry)
            cases |= {row.case_id} - {None} if row.case_id else set()
            for line in row.conflicts:
                tally.add("conflicts", line)
        tally.add(
            "total", "cases", len(cases) + sum("opened" in entry for row in self._chunk.rows for entry in row.actions)
        )


def _as_it_was(case_id: int, at: datetime) -> Case:
    case: Case = Case.objects.get(pk=case_id)
    state = PastState(case_id)
    for _case_id, events in histories([case_id], at, with_actors=False):
        for happened in events:
            state.apply(happened.event, happened.occurred_at)
    for name, value in state.values.items():
        setattr(case, name, value)
    return case
