"""The chain of strategies over many cases, with a trace that says who was considered and why one was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from case_management.assignment.strategies import Candidate, Known, strategies
from case_management.models import Case

#: A trace names at most so many candidates; it always gives their number.
NAMED = 12


@dataclass(frozen=True)
class Choice:
    """Who was chosen for one case (None: nobody could be), by which strategy, and the steps that led there."""

    user_id: int | None
    strategy: str | None
    steps: list[dict[str, Any]] = field(default_factory=list)


class Covering(Protocol):
    """Tells who could take a case; :class:`case_management.access.Coverage` is the one in use."""

    def of(self, case: Case) -> dict[int, str]:
        """User id → user name."""


def choose(cases: Sequence[Case], chain: Sequence[str], coverage: Covering) -> dict[int, Choice]:
    """Case id → choice, for open cases, in two queries however many there are.

    Each strategy of the chain narrows the candidates; the first to leave one decides. Where the chain ends with
    several, the one with the lowest user id is taken. Cases are served in the order given, and each choice counts as
    workload for the next.
    """
    in_hand = list(cases)
    everyone = {user_id for case in in_hand for user_id in coverage.of(case)}
    known = Known.load(in_hand, everyone)
    choices: dict[int, Choice] = {}
    for case in in_hand:
        candidates = [Candidate(user_id, name) for user_id, name in sorted(coverage.of(case).items())]
        choices[case.pk] = choice = _narrow(case, candidates, chain, known)
        if choice.user_id is not None:
            known.took(choice.user_id)
    return choices


def _narrow(case: Case, candidates: list[Candidate], chain: Sequence[str], known: Known) -> Choice:
    if not candidates:
        return Choice(None, None, [{"strategy": None, "candidates": [], "count": 0}])
    steps: list[dict[str, Any]] = []
    for name in chain:
        left = strategies.get(name).narrow(case, candidates, known)
        steps.append(_step(name, candidates, left, known))
        candidates = left or candidates
        if len(candidates) == 1:
            return Choice(candidates[0].user_id, name, steps)
    return Choice(candidates[0].user_id, "lowest user id", steps)


def _step(name: str, candidates: list[Candidate], left: list[Candidate], known: Known) -> dict[str, Any]:
    return {
        "strategy": name,
        "count": len(candidates),
        "candidates": [
            {"user": candidate.username, "open_cases": known.workloads.get(candidate.user_id, 0)}
            for candidate in candidates[:NAMED]
        ],
        "left": [candidate.username for candidate in left[:NAMED]],
    }
