"""What strategies may know about people and cases, read once per batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from case_management.assignment.roster import Roster
from case_management.assignment.skills import SkillBook
from case_management.models import Case
from case_management.models.assignment import last_turns

#: Rank of a priority → what a case of it weighs; all others weigh 1.
_WEIGHTS = {1: 4, 2: 3, 3: 2}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could take the case."""

    user_id: int
    username: str


@dataclass(frozen=True, slots=True)
class Options:
    """What a chain says to its strategies.

    ``smart_since``: handlers before this moment do not count (None: all do). ``user_field``: key of the custom field
    that names the assignee.
    """

    smart_since: datetime | None = None
    weighs_priority: bool = False
    user_field: str = ""
    needs_skills: bool = False

    @classmethod
    def within(cls, days: int, now: datetime, **others: Any) -> Options:
        """``days`` are those that count for the smart strategy; 0: all."""
        return cls(now - timedelta(days=days) if days else None, **others)


def weight_of(rank: int) -> int:
    """What a case weighs whose priority has this rank."""
    return _WEIGHTS.get(rank, 1)


@dataclass
class Known:
    """Workloads, weights and turns grow while the batch is assigned; everything is by user id."""

    workloads: dict[int, int] = field(default_factory=dict)
    previous: dict[int, int] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    roster: Roster = field(default_factory=Roster)
    skills: SkillBook = field(default_factory=SkillBook)

    @classmethod
    def load(cls, cases: list[Case], user_ids: set[int], options: Options | None = None) -> Known:
        """Open cases per candidate, and who handled each contact last; two queries."""
        known = cls(options=options or Options())
        counted = Case.objects.open().filter(assignee_id__in=user_ids).order_by()
        for user_id, rank, count in counted.values_list("assignee_id", "priority_rank").annotate(count=Count("pk")):
            known._add(user_id, count, weight_of(rank) * count)
        known.previous = _handlers(cases, known.options.smart_since)
        return known

    def load_turns(self, chain: str, user_ids: set[int]) -> None:
        """Whose turn it is; one query."""
        self.turns = last_turns(chain, user_ids)

    def took(self, user_id: int, case: Case | None = None) -> None:
        """One more open case for this person, who comes last in turn."""
        self._add(user_id, 1, weight_of(case.priority_rank) if case else 1)
        self.turns[user_id] = max(self.turns.values(), default=0) + 1

    def load_of(self, user_id: int) -> int:
        """Open cases, or what they weigh where the chain says so."""
        return (self.weights if self.options.weighs_priority else self.workloads).get(user_id, 0)

    def skills_of(self, user_id: int) -> frozenset[int]:
        """Ids of the skills that somebody has."""
        return self.roster.skills.get(user_id, frozenset())

    def present(self, user_id: Any) -> int | None:
        """Somebody who was meant by name, or their substitute where they are absent."""
        return self.roster.stand_in(user_id if isinstance(user_id, int) else None)

    def why_not(self, user_id: int, case: Case) -> str:
        """Why somebody cannot take the case now: ``absent``, ``hours``, ``full``, ``skills``; empty when they can."""
        if user_id in self.roster.away:
            return "absent"
        if user_id in self.roster.off_hours:
            return "hours"
        if self.workloads.get(user_id, 0) >= self.roster.capacities.get(user_id, self.workloads.get(user_id, 0) + 1):
            return "full"
        if self.options.needs_skills and not self.skills.needed(case) <= self.skills_of(user_id):
            return "skills"
        return ""

    def _add(self, user_id: int, count: int, weight: int) -> None:
        self.workloads[user_id] = self.workloads.get(user_id, 0) + count
        self.weights[user_id] = self.weights.get(user_id, 0) + weight


def _handlers(cases: list[Case], since: datetime | None) -> dict[int, int]:
    """Contact id → who has, or had, the contact's latest case; without cases that were done before ``since``."""
    contacts = {case.contact_id for case in cases if case.contact_id}
    if not contacts:
        return {}
    handled = Case.objects.filter(contact_id__in=contacts, assignee__isnull=False)
    if since:
        handled = handled.filter(Q(resolved_at=None) | Q(resolved_at__gte=since))
    others = handled.exclude(pk__in=[case.pk for case in cases])
    # Oldest first: the last one written to the dictionary is the latest.
    return dict(others.order_by("opened_at").values_list("contact_id", "assignee_id"))
