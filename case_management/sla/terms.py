"""The terms of a policy as one value: what it promises, to which cases, what stops its clock and what happens when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from case_management.models import Case, SlaPolicy
from case_management.models.sla import Reopening, SlaMetric


class Matter(NamedTuple):
    """What policies ask about a case; ids."""

    priority_id: int | None
    case_type_id: int | None = None
    topic_id: int | None = None
    source_id: int | None = None
    unit_id: int | None = None
    contact_id: int | None = None

    @classmethod
    def of(cls, case: Case, **changed: int | None) -> Matter:
        """The facts of the case, some of them as they will be."""
        as_it_is = cls(*_facts_of(case))
        return as_it_is._replace(**changed) if changed else as_it_is


_facts_of = attrgetter(*Matter._fields)

#: What a policy's sets are called, beside what a case has of them.
SETS = {
    "priorities": "priority_id",
    "case_types": "case_type_id",
    "topics": "topic_id",
    "sources": "source_id",
    "units": "unit_id",
    "contact_tags": "contact_id",
}


class Rung(NamedTuple):
    """A step of the ladder: its level, minutes of business time after the deadline, and what it sets (ids)."""

    level: int
    minutes: int
    team: int | None = None
    user: int | None = None
    priority: int | None = None


@dataclass(frozen=True)
class Terms:
    """Minutes by metric; ids by set (see :data:`SETS`); for whom the clock stands; per cents; the ladder in order."""

    targets: Mapping[str, int]
    asked: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    pauses: tuple[str, ...] = ()
    reopening: str = Reopening.RESTART.value
    warnings: tuple[int, ...] = ()
    ladder: tuple[Rung, ...] = ()

    @classmethod
    def of(
        cls,
        policy: SlaPolicy,
        targets: Mapping[str, int],
        asked: Mapping[str, Iterable[int]],
        ladder: Iterable[Rung],
    ) -> Terms:
        """The policy's row as it is, with what stands in other tables."""
        sets = {name: tuple(sorted(ids)) for name, ids in sorted(asked.items()) if ids}
        stands = {"customer": policy.pauses_for_customer, "third_party": policy.pauses_for_third_party}
        return cls(
            dict(sorted(targets.items())),
            sets,
            tuple(holder for holder, stops in stands.items() if stops),
            policy.reopening,
            shares_of(policy.warnings),
            tuple(sorted(ladder, key=lambda rung: (rung.minutes, rung.level))),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """What :meth:`as_json` stored."""
        return cls(
            stored["targets"],
            {name: tuple(ids) for name, ids in stored["asked"].items()},
            tuple(stored["pauses"]),
            stored["reopening"],
            tuple(stored["warnings"]),
            tuple(Rung(*rung) for rung in stored["ladder"]),
        )

    def as_json(self) -> dict[str, Any]:
        """The value as it is stored."""
        return {
            "targets": dict(self.targets),
            "asked": {name: list(ids) for name, ids in self.asked.items()},
            "pauses": list(self.pauses),
            "reopening": str(self.reopening),
            "warnings": list(self.warnings),
            "ladder": [list(rung) for rung in self.ladder],
        }

    @cached_property
    def digest(self) -> str:
        """Equal terms have equal digests, in every process and release."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def has_marks(self) -> bool:
        """Whether clocks under these terms are kept as rows: for a response, a warning or a ladder."""
        return bool(self.warnings or self.ladder or set(self.targets) - {SlaMetric.RESOLVE.value})


def shares_of(text: str) -> tuple[int, ...]:
    """``50, 75, 90`` as numbers in order, each once. Raises ``ValueError`` unless all are from 1 to 99."""
    shares = sorted({int(part) for part in text.replace("%", " ").replace(",", " ").split()})
    if any(not 0 < share < 100 for share in shares):
        raise ValueError(f"Warnings are per cents from 1 to 99, not {text!r}.")
    return tuple(shares)
