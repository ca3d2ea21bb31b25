"""The strategies: each narrows the candidates for one case, or leaves them as they are when it cannot tell.

They are registered in their fixed order: the user named in a field; skills; smart, who handled this contact before;
workload, the fewest open cases; round robin, whoever has waited longest for one; random, by a seed that is kept with
the choice. A host registers its own:

>>> from case_management.assignment import Strategy, strategies
>>> @strategies.registered("first_by_name")
... class FirstByName(Strategy):
...     label = "First by name"
...     @staticmethod
...     def narrow(case, candidates, known):
...         return [min(candidates, key=lambda candidate: candidate.username)]
"""

from __future__ import annotations

import random
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.assignment.known import Candidate, Known
from case_management.models import Case
from case_management.registry import Registry

__all__ = ["Candidate", "Known", "Strategy", "strategies"]


class Strategy:
    """Base of all strategies; ``candidates`` is never empty, and an empty answer counts as "cannot tell"."""

    label: ClassVar[str | Promise]

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """Those of ``candidates`` that this strategy prefers."""
        raise NotImplementedError

    @staticmethod
    def facts(case: Case, known: Known) -> dict[str, Any]:
        """What else the trace should say of this step, as JSON."""
        return {}


strategies: Registry[type[Strategy]] = Registry("assignment strategy")


@strategies.registered("user_field")
class UserField(Strategy):
    """The user whom the chain's custom field names, or the substitute where that one is absent."""

    label = _("The user named in a field")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """That person, or nobody."""
        named = known.present(case.custom.get(known.options.user_field))
        return [candidate for candidate in candidates if candidate.user_id == named]

    @staticmethod
    def facts(case: Case, known: Known) -> dict[str, Any]:
        """Which field."""
        return {"field": known.options.user_field}


@strategies.registered("skills")
class Skills(Strategy):
    """Who has every skill that the case needs; a case that needs none is left to the next strategy."""

    label = _("Skills: who can do it")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """Everybody who has them."""
        needed = known.skills.needed(case)
        return [candidate for candidate in candidates if needed <= known.skills_of(candidate.user_id)]


@strategies.registered("smart")
class Smart(Strategy):
    """The person who handled this contact before, or their substitute, if a candidate now."""

    label = _("Smart: who knows the customer")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """The previous handler, or nobody."""
        handler = known.present(known.previous.get(case.contact_id or 0))
        return [candidate for candidate in candidates if candidate.user_id == handler]


@strategies.registered("workload")
class Workload(Strategy):
    """The fewest open cases; equal workloads are left to the next strategy."""

    label = _("Workload: fewest open cases")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """Everybody who has the least."""
        least = min(known.load_of(candidate.user_id) for candidate in candidates)
        return [candidate for candidate in candidates if known.load_of(candidate.user_id) == least]


@strategies.registered("round_robin")
class RoundRobin(Strategy):
    """Whoever the chain gave a case longest ago, or never."""

    label = _("Round robin: in turn")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """One candidate; of those who never had one the first by user id."""
        return [min(candidates, key=lambda candidate: (known.turns.get(candidate.user_id, 0), candidate.user_id))]


@strategies.registered("random")
class Random(Strategy):
    """Anybody; the seed is the case's reference and version, so the pick can be repeated and checked."""

    label = _("Random")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """One candidate."""
        ordered = sorted(candidates, key=lambda candidate: candidate.user_id)
        return [random.Random(_seed(case)).choice(ordered)]  # noqa: S311 - fairness, not secrecy

    @staticmethod
    def facts(case: Case, known: Known) -> dict[str, Any]:
        """The seed."""
        return {"seed": _seed(case)}


def _seed(case: Case) -> str:
    return f"{case.reference}/{case.version}"
