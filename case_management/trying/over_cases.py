"""A rule for cases over a chunk of them: first whether it could have acted at all, then what it would have done.

The first look reads only the events that say something of what the conditions ask; only cases that pass it are walked
through with all that happened to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush

from django.utils.functional import cached_property

from case_management.domain.events import Event
from case_management.models import Case, Rule
from case_management.models.rule import Cadence
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.foresight import Foreseen, Foresight
from case_management.rules.scope import whole_conditions
from case_management.trying.cadence import Ledger
from case_management.trying.clock_anew import ClockAnew
from case_management.trying.comparing import Hours
from case_management.trying.names import Names
from case_management.trying.on_time import on_time
from case_management.trying.past import PastState, histories, types_touching
from case_management.trying.questions import Moment, Questions
from case_management.trying.recipients import ToTell, tell
from case_management.trying.result import Chunk, Touched, count_actions, told
from case_management.trying.rivals import contradictions, earlier_labels, live_beside, place_of
from case_management.trying.walk import Asked, Walk, Wish, codes_of


@dataclass
class Rival:
    """Another live rule on the occasion."""

    rule: Rule
    questions: Questions
    contradicts: list[str]
    stops: bool


class OverCases:
    """The trial of a rule that is asked about events of cases between two moments."""

    def __init__(self, rule: Rule, since: datetime, until: datetime) -> None:
        self.rule, self.since, self.until = rule, since, until
        self.names, self._hours = Names(), Hours()
        self.questions = self._questions(rule)
        self.on_time = on_time(rule, since, until, self._hours)
        self.questions.reads |= self.on_time.reads if self.on_time else set()
        self._rivals = list(self._read_rivals())

    @property
    def as_today(self) -> dict[str, str]:
        """Names of what the conditions ask and nothing keeps, with labels."""
        return self.questions.as_today

    def _questions(self, rule: Rule) -> Questions:
        tree = parse(whole_conditions(rule.conditions, rule.scope), fields_of(rule.occasion))
        return Questions(tree, self.names, self._hours)

    def _read_rivals(self) -> Iterator[Rival]:
        # Of several rules on time each is asked by itself.
        for other in () if self.on_time else live_beside(self.rule):
            against = contradictions(self.rule, other)
            stops = other.stops and place_of(other) < place_of(self.rule)
            if against or stops:
                yield Rival(other, self._questions(other), against, stops)

    @cached_property
    def _types(self) -> frozenset[str] | None:
        """The events that the first look needs; None for all of them."""
        if "updated_at" in self.questions.reads:
            return None
        return types_touching(self.questions.reads) | codes_of(self.rule.occasion)

    def look(self, subjects: list[tuple[int, int | None]]) -> Chunk:
        """What the rule would have done to these cases (id, contact's id)."""
        chunk, contacts = Chunk(), dict(subjects)
        possible = self._first_look(list(contacts), chunk)
        if possible:
            _SecondLook(self, possible, contacts, chunk).look()
        return chunk

    def _first_look(self, ids: list[int], chunk: Chunk) -> list[int]:
        """The cases on which the conditions hold at least once; asks of the rule only, not of its effects."""
        self.questions.look_at(ids)
        asked, possible, occasions = self.asked(frozenset()), [], 0
        for case_id, events in histories(ids, self.until, types=self._types, with_actors=self.questions.needs_actor):
            walk = Walk(asked, PastState(case_id), events, _nothing)
            # Where nothing is done, how often its time comes is known once the walk is over.
            holds = bool(list(walk.wishes())) if self.on_time else next(walk.wishes(), None) is not None
            occasions += walk.come + sum(asked.is_occasion(happened) for happened in events)
            if holds:
                possible.append(case_id)
        chunk.tally.add("total", "occasions", occasions)
        return possible

    def asked(self, earlier: frozenset[str]) -> Asked:
        """What walks need to know."""
        span = (self.rule.occasion, self.since, self.until)
        return Asked(*span, self.questions.holds, earlier, self.rule.label, self.on_time)

    @cached_property
    def earlier(self) -> frozenset[str]:
        """How rules sign that act before this one; those that are retired by now acted then, too."""
        others = Rule.objects.filter(occasion=self.rule.occasion).exclude(key=self.rule.key)
        return earlier_labels(self.rule, others)

    @property
    def rivals(self) -> list[Rival]:
        """The live rules that would have met this one."""
        return self._rivals


def _nothing(state: PastState, moment: Moment) -> list[Event]:
    return []


class _SecondLook:
    """The cases that passed, one walk each; where the cadence counts per contact, side by side in order of time."""

    def __init__(self, over: OverCases, ids: list[int], contacts: dict[int, int | None], chunk: Chunk) -> None:
        self._over, self._ids, self._contacts, self._chunk = over, ids, contacts, chunk
        self._cases: dict[int, Case] = Case.objects.defer("description").in_bulk(ids)
        self._foresight = Foresight(over.rule, self._cases)
        self._ledger = Ledger(over.rule)
        self._stopping = {id(rival): Ledger(rival.rule) for rival in over.rivals if rival.stops}
        self._to_tell: list[ToTell] = []
        self._touched: dict[int, bool] = {}

    def look(self) -> None:
        """Walk, then find out who would have been told, then add up."""
        for rival in self._over.rivals:
            rival.questions.look_at(self._ids)
        walks = self._walks()
        if self._over.rule.cadence == Cadence.ONCE_PER_CONTACT:
            self._side_by_side(list(walks))
        else:
            for _case_id, wishes in walks:
                self._one(wishes)
        tell(self._to_tell, self._over.names)
        self._add_up()

    def _walks(self) -> Iterator[tuple[int, Wish]]:
        asked, clock = self._over.asked(self._over.earlier), ClockAnew(self._cases)
        for case_id, events in histories(self._ids, self._over.until):
            yield case_id, Walk(asked, PastState(case_id), events, self._act, clock).wishes()

    def _one(self, wishes: Wish) -> None:
        moment = next(wishes, None)
        while moment is not None:
            moment = _sent(wishes, self._admit(moment))

    def _side_by_side(self, walks: list[tuple[int, Wish]]) -> None:
        first = [(case_id, wishes, next(wishes, None)) for case_id, wishes in walks]
        heap = [(moment.at, case_id, wishes, moment) for case_id, wishes, moment in first if moment is not None]
        heapify(heap)
        while heap:
            _at, case_id, wishes, moment = heappop(heap)
            following = _sent(wishes, self._admit(moment))
            if following is not None:
                heappush(heap, (following.at, case_id, wishes, following))

    def _admit(self, moment: Moment) -> bool:
        # What the rule set off itself is no occasion that anybody else would have counted.
        self._chunk.tally.add("total", "held", moment.event is None or moment.event.pk > 0)
        if stopped_by := self._stopped_by(moment):
            self._chunk.tally.add("stopped", stopped_by)
            return False
        case_id = moment.state.case_id
        return self._ledger.admit(case_id, self._contacts.get(case_id), moment.at)

    def _act(self, state: PastState, moment: Moment) -> list[Event]:
        case, event = state.onto(self._cases[state.case_id]), moment.event
        automatic = bool(event is not None and getattr(event.event, "automatic", False))
        foreseen = self._foresight.foresee(case, state.tags, moment.at, automatic=automatic)
        self._note(foreseen, moment, event.actor_id if event else None)
        return [done for one in foreseen for done in one.events]

    def _stopped_by(self, moment: Moment) -> str:
        for rival in self._over.rivals:
            ledger = self._stopping.get(id(rival))
            if ledger is not None and rival.questions.holds(moment):
                case_id = moment.state.case_id
                if ledger.admit(case_id, self._contacts.get(case_id), moment.at):
                    return rival.rule.label
        return ""

    def _note(self, foreseen: list[Foreseen], moment: Moment, doer: int | None) -> None:
        case = self._cases[moment.state.case_id]
        row = Touched(moment.at, case_id=case.pk, actions=told(foreseen, self._over.names))
        for rival in self._over.rivals:
            if rival.contradicts and rival.questions.holds(moment):
                row.conflicts += rival.contradicts
        for entry in row.actions:
            if "notify" in entry:
                self._to_tell.append((entry, copy(case), doer))
        self._chunk.rows.append(row)

    def _add_up(self) -> None:
        tally, touched = self._chunk.tally, self._touched
        for row in self._chunk.rows:
            tally.add("total", "acted")
            tally.add("day", row.at.date().isoformat())
            changed = count_actions(tally, row.actions)
            touched[row.case_id or 0] = touched.get(row.case_id or 0, False) or changed
            for line in row.conflicts:
                tally.add("conflicts", line)
        tally.add("total", "cases", len(touched))
        tally.add("total", "changed", sum(touched.values()))


def _sent(wishes: Wish, answer: bool) -> Moment | None:
    try:
        return wishes.send(answer)
    except StopIteration:
        return None
