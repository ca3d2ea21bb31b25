"""The chain of strategies over many cases, with a trace that says who was considered and why one was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from case_management.assignment.known import Candidate, Known, Options
from case_management.assignment.roster import Roster
from case_management.assignment.skills import SkillBook
from case_management.assignment.strategies import strategies
from case_management.models import AssignmentChain, Case

__all__ = ["Chain", "Choice", "Options", "Setting", "choose", "in_order", "pick"]

#: A trace names at most so many people; it always gives their number.
NAMED = 12


@dataclass(frozen=True)
class Chain:
    """Strategies in order and what they need to know. ``key`` and ``row`` are those of a chain that was set up."""

    strategies: tuple[str, ...]
    options: Options = field(default_factory=Options)
    key: str = ""
    row: AssignmentChain | None = None

    @classmethod
    def of(cls, row: AssignmentChain, now: datetime) -> Chain:
        """A chain that was set up, with its window counted from ``now``."""
        options = Options.within(
            row.smart_days,
            now,
            weighs_priority=row.weighs_priority,
            user_field=row.user_field.key if row.user_field else "",
            needs_skills=row.needs_skills,
        )
        return cls(tuple(row.strategies), options, row.key, row)

    @property
    def label(self) -> str:
        """How events name what chose: the key of the chain, or its strategies."""
        return self.key or " › ".join(self.strategies)


def in_order(names: Iterable[str]) -> list[str]:
    """These strategies in the order in which all are registered."""
    chosen = set(names)
    return [name for name in strategies if name in chosen]


@dataclass(frozen=True)
class Choice:
    """Who was chosen for one case (None: nobody could be), by which strategy, and the steps that led there.

    ``passed_over`` are people who cover the case and could not take it, each with the reason why not.
    """

    user_id: int | None
    strategy: str | None
    steps: list[dict[str, Any]] = field(default_factory=list)
    passed_over: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What is kept: ``by``, ``steps`` and, where anybody was, ``passed_over``."""
        return {"by": self.strategy, "steps": self.steps} | (
            {"passed_over": self.passed_over} if self.passed_over else {}
        )


class Covering(Protocol):
    """Tells who could take a case; :class:`case_management.access.Coverage` is the one in use."""

    def of(self, case: Case) -> dict[int, str]:
        """User id → user name."""

    def off(self, case: Case) -> dict[int, str]:
        """The same of those who would, and are marked as not available."""


@dataclass(frozen=True)
class Setting:
    """Under which conditions is chosen: who is there now, and the skills that cases need."""

    chain: Chain
    roster: Roster = field(default_factory=Roster)

    def tell(self, known: Known, cases: list[Case], user_ids: set[int]) -> None:
        """Add to what strategies know; no query for what the chain does not ask."""
        known.roster = self.roster
        if "skills" in self.chain.strategies or known.options.needs_skills:
            known.skills = SkillBook.load(cases)
        if "round_robin" in self.chain.strategies:
            known.load_turns(self.chain.key, user_ids)


def choose(
    cases: Sequence[Case], chain: Sequence[str], coverage: Covering, setting: Setting | None = None
) -> dict[int, Choice]:
    """Case id → choice, for open cases, in two queries (and those of ``setting``) however many there are.

    Each strategy of the chain narrows the candidates; the first to leave one decides. Where the chain ends with
    several, the one with the lowest user id is taken. Cases are served in the order given, and each choice counts as
    workload for the next.
    """
    in_hand = list(cases)
    everyone = {user_id for case in in_hand for user_id in coverage.of(case)}
    known = Known.load(in_hand, everyone, setting.chain.options if setting else None)
    (setting or Setting(Chain(tuple(chain)))).tell(known, in_hand, everyone)
    choices: dict[int, Choice] = {}
    for case in in_hand:
        choices[case.pk] = choice = pick(case, coverage.of(case), chain, known)
        choice.passed_over[:0] = _unavailable(coverage.off(case), NAMED - len(choice.passed_over))
        if choice.user_id is not None:
            known.took(choice.user_id, case)
    return choices


def pick(case: Case, covering: dict[int, str], chain: Sequence[str], known: Known) -> Choice:
    """The choice among those who cover the case (user id → user name) and can take it now."""
    candidates, passed_over = [], []
    for user_id, name in sorted(covering.items()):
        if why_not := known.why_not(user_id, case):
            passed_over.append(_passed_over(user_id, name, why_not, known))
        else:
            candidates.append(Candidate(user_id, name))
    chosen, strategy, steps = _narrow(case, candidates, chain, known)
    return Choice(chosen, strategy, steps, passed_over[:NAMED])


def _narrow(
    case: Case, candidates: list[Candidate], chain: Sequence[str], known: Known
) -> tuple[int | None, str | None, list[dict[str, Any]]]:
    if not candidates:
        return None, None, [{"strategy": None, "candidates": [], "count": 0}]
    steps: list[dict[str, Any]] = []
    for name in chain:
        strategy = strategies.get(name)
        left = strategy.narrow(case, candidates, known)
        steps.append(_step(name, candidates, left, known) | strategy.facts(case, known))
        candidates = left or candidates
        if len(candidates) == 1:
            return candidates[0].user_id, name, steps
    return candidates[0].user_id, "lowest user id", steps


def _step(name: str, candidates: list[Candidate], left: list[Candidate], known: Known) -> dict[str, Any]:
    return {
        "strategy": name,
        "count": len(candidates),
        "candidates": [_seen(candidate.user_id, candidate.username, known) for candidate in candidates[:NAMED]],
        "left": [candidate.username for candidate in left[:NAMED]],
    }


def _seen(user_id: int, name: str, known: Known) -> dict[str, Any]:
    seen: dict[str, Any] = {"user": name, "open_cases": known.workloads.get(user_id, 0)}
    if known.options.weighs_priority:
        seen["weight"] = known.weights.get(user_id, 0)
    if user_id in known.roster.capacities:
        seen["capacity"] = known.roster.capacities[user_id]
    return seen


def _passed_over(user_id: int, name: str, why_not: str, known: Known) -> dict[str, Any]:
    absence = known.roster.away.get(user_id)
    until = {"until": absence.until.isoformat()} if absence and why_not == "absent" else {}
    return {**_seen(user_id, name, known), "why_not": why_not, **until}


def _unavailable(people: dict[int, str], most: int) -> list[dict[str, Any]]:
    return [{"user": name, "why_not": "unavailable"} for _, name in sorted(people.items())[: max(most, 0)]]
