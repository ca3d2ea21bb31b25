"""The strategies: each narrows the candidates for one case, or leaves them as they are when it cannot tell.

Smart: the person who handled this contact before. Workload: the fewest open cases. Random: anybody, by a seed that is
kept with the choice. A host registers its own:

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
from dataclasses import dataclass, field
from typing import ClassVar

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.models import Case
from case_management.registry import Registry


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could take the case."""

    user_id: int
    username: str


@dataclass
class Known:
    """What strategies may know, read once per batch; workloads grow while the batch is assigned."""

    workloads: dict[int, int] = field(default_factory=dict)
    previous: dict[int, int] = field(default_factory=dict)

    @classmethod
    def load(cls, cases: list[Case], user_ids: set[int]) -> Known:
        """Open cases per candidate, and who handled each contact last; two queries."""
        counted = Case.objects.open().filter(assignee_id__in=user_ids).values_list("assignee_id")
        workloads = dict(counted.annotate(count=Count("pk")).order_by())
        contacts = {case.contact_id for case in cases if case.contact_id}
        handled = Case.objects.filter(contact_id__in=contacts, assignee__isnull=False).exclude(
            pk__in=[case.pk for case in cases]
        )
        # Oldest first: the last one written to the dictionary is the latest.
        previous = dict(handled.order_by("opened_at").values_list("contact_id", "assignee_id")) if contacts else {}
        return cls(workloads, previous)

    def took(self, user_id: int) -> None:
        """One more open case for this person."""
        self.workloads[user_id] = self.workloads.get(user_id, 0) + 1


class Strategy:
    """Base of all strategies; ``candidates`` is never empty, and an empty answer counts as "cannot tell"."""

    label: ClassVar[str | Promise]

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """Those of ``candidates`` that this strategy prefers."""
        raise NotImplementedError


strategies: Registry[type[Strategy]] = Registry("assignment strategy")


@strategies.registered("smart")
class Smart(Strategy):
    """The person who handled this contact before, if they are a candidate now."""

    label = _("Smart: who knows the customer")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """The previous handler, or nobody."""
        handler = known.previous.get(case.contact_id or 0)
        return [candidate for candidate in candidates if candidate.user_id == handler]


@strategies.registered("workload")
class Workload(Strategy):
    """The fewest open cases; equal workloads are left to the next strategy."""

    label = _("Workload: fewest open cases")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """Everybody who has the least."""
        least = min(known.workloads.get(candidate.user_id, 0) for candidate in candidates)
        return [candidate for candidate in candidates if known.workloads.get(candidate.user_id, 0) == least]


@strategies.registered("random")
class Random(Strategy):
    """Anybody; the seed is the case's reference, so the pick can be repeated and checked."""

    label = _("Random")

    @staticmethod
    def narrow(case: Case, candidates: list[Candidate], known: Known) -> list[Candidate]:
        """One candidate."""
        ordered = sorted(candidates, key=lambda candidate: candidate.user_id)
        return [random.Random(case.reference).choice(ordered)]  # noqa: S311 - fairness, not secrecy
