"""What rules answered, kept: for each occasion and subject one row that says why each rule acted, or did not.

Only rules that were worth asking about the subject are in it, and what comparisons saw is in it once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from case_management.models import CaseEvent, Rule, RuleAsking, RuleFiring
from case_management.models.among import among
from case_management.models.rule import Occasion
from case_management.rules.cadence import Admission
from case_management.rules.conditions.tree import Node
from case_management.rules.index import first_asked
from case_management.rules.trace import Asked

if TYPE_CHECKING:
    from case_management.rules.engine import Happening


#: What is left of the trace of a firing when its details are forgotten.
THINNED = {"thinned": True}


class Outcome(StrEnum):
    """What came of asking one rule about one subject."""

    #: It held and acted; the reference is its firing.
    ACTED = "acted"
    #: It did not hold.
    NOT_HELD = "not"
    #: It held, and had acted before; the reference is the firing that forbids another one.
    KEPT_BACK = "kept"
    #: It held, and an earlier rule had said that no other one is asked; the reference is that rule.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Answer:
    """One rule about one subject: primary key of the version, a mark per comparison, and what came of it.

    ``marks`` are in reading order, those of what the rule is restricted to first: "1" held, "0" did not.
    """

    rule_id: int
    outcome: str
    marks: str
    reference: int | None = None

    def as_json(self) -> list[Any]:
        """A short list, as there may be hundreds in a row."""
        return [self.rule_id, str(self.outcome), self.marks, *([self.reference] if self.reference else [])]

    @classmethod
    def read(cls, stored: Sequence[Any]) -> Answer:
        """From what was kept."""
        return cls(stored[0], stored[1], stored[2], stored[3] if len(stored) > 3 else None)


@dataclass
class Record:
    """What comes of asking some rules on one occasion; kept by one query however many rules and subjects there are."""

    happening: Happening
    rules: Sequence[tuple[Rule, Node]]
    asked: Asked
    left_out: int
    #: (rule, subject) → outcome and reference, for those that held.
    _came: dict[tuple[int, int], tuple[Outcome, Any]] = field(default_factory=dict)
    _firings: dict[int, list[RuleFiring]] = field(default_factory=dict)

    def stopped(self, rule: Rule, by: dict[int, int]) -> None:
        """An earlier rule (subject → its id) said that no other one is asked."""
        self._came |= {(rule.pk, pk): (Outcome.STOPPED, rule_id) for pk, rule_id in by.items()}

    def admitted(self, rule: Rule, admission: Admission) -> None:
        """It acts now, or an earlier firing forbids it."""
        self._came |= {(rule.pk, pk): (Outcome.KEPT_BACK, row) for pk, row in admission.kept_back.items()}
        self._came |= {(rule.pk, pk): (Outcome.ACTED, row) for pk, row in admission.by_subject().items()}
        for pk, row in admission.by_subject().items():
            self._firings.setdefault(pk, []).append(row)

    def save(self) -> None:
        """Once per occasion and subject, however often it is asked."""
        rows = [row for pk in sorted(self.asked.rows) if (row := self._row(pk)) is not None]
        RuleAsking.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)

    def _row(self, pk: int) -> RuleAsking | None:
        """None where there is nothing to tell: of rules at set times only what they did is kept."""
        worth = [(rule, tree) for rule, tree in self.rules if self._is_worth(tree, pk)]
        if not worth or (self.happening.occasion == Occasion.SCHEDULE and pk not in self._firings):
            return None
        about = self.happening
        interaction = pk if about.occasion == Occasion.INTERACTION_RECEIVED else None
        return RuleAsking(
            key=self._key(pk),
            occasion=about.occasion,
            interaction_id=interaction,
            case_id=self._case_id(pk) if interaction else pk,
            event=about.events.get(pk),
            seen=self.asked.seen([tree for _rule, tree in worth], pk),
            answers=[self._answer(rule, tree, pk).as_json() for rule, tree in worth],
            left_out=self.left_out + len(self.rules) - len(worth),
            asked_at=timezone.now(),
        )

    def _is_worth(self, tree: Node, pk: int) -> bool:
        """The rules of a batch are chosen for all its subjects; of each subject only its own are kept."""
        first = first_asked(tree)
        return first is None or self.asked.holds(first, pk)

    def _answer(self, rule: Rule, tree: Node, pk: int) -> Answer:
        outcome, reference = self._came.get((rule.pk, pk), (Outcome.NOT_HELD, None))
        marks = self.asked.marks(tree, pk)
        return Answer(rule.pk, outcome, marks, reference.pk if isinstance(reference, RuleFiring) else reference)

    def _case_id(self, pk: int) -> int | None:
        """Of a response: the case that a rule made of it, or in which it was before."""
        of_rules = (firing.case_id for firing in self._firings.get(pk, ()) if firing.case_id)
        return next(of_rules, self.happening.subjects[pk].case_id)

    def _key(self, pk: int) -> str:
        about = self.happening
        if about.occasion == Occasion.INTERACTION_RECEIVED:
            return f"interaction:{pk}"
        if pk in about.events:
            return f"{about.occasion}:event:{about.events[pk].pk}"
        rules = ",".join(str(rule.pk) for rule, _tree in self.rules[:8])
        return f"{about.occasion}:rules:{rules}:case:{pk}:at:{about.marks.get(pk, '')}"[:200]


def keep_too_deep(events: Iterable[tuple[str, CaseEvent]]) -> None:
    """Nobody was asked of these events (each with its occasion), because rules set each other off too often."""
    now = timezone.now()
    rows = [
        RuleAsking(
            key=f"{occasion}:event:{event.pk}",
            occasion=occasion,
            case_id=event.case_id,
            event=event,
            too_deep=True,
            asked_at=now,
        )
        for occasion, event in events
    ]
    RuleAsking.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def forget_asked(before: datetime, limit: int) -> int:
    """Delete up to ``limit`` of the oldest rows from before that moment; returns how many.

    The firings that they name stay, because they keep "once"; of their traces only a mark is left (see
    :data:`THINNED`).
    """
    old = RuleAsking.objects.filter(asked_at__lt=before).order_by("asked_at").values_list("pk", "answers")
    rows = list(old[:limit])
    answers = (Answer.read(stored) for _pk, found in rows for stored in found)
    acted = [answer.reference for answer in answers if answer.outcome == Outcome.ACTED and answer.reference]
    RuleFiring.objects.filter(pk__in=among(RuleFiring, acted)).update(trace=THINNED)
    RuleAsking.objects.filter(pk__in=[pk for pk, _answers in rows]).delete()
    return len(rows)
