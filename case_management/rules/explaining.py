"""Why rules acted on a case, or did not: what was kept of their askings, for one reader, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from case_management.domain.actor import ActorKind
from case_management.models import Case, CaseEvent, Interaction, Rule, RuleAsking, RuleFiring
from case_management.models.rule import Cadence, Occasion
from case_management.rules.actions import actions
from case_management.rules.asked import Answer, Outcome
from case_management.rules.custom_fields import fields_of
from case_management.rules.told import Shown, Told, conditions_told
from case_management.timeline.names import Names
from case_management.timeline.wording import names_for, sentence

#: So many occasions come at once.
AT_ONCE = 20
#: No asking takes longer.
_LONGEST = timedelta(hours=1)
#: They count what belongs to a contact wherever it is; not everybody may know of all of it.
COUNTS_OF_CONTACTS = frozenset({"contact_cases", "contact_responses"})


@dataclass(frozen=True)
class Reader:
    """For whom it is told: of ``visible`` cases (a queryset) by name; of rules that did not act where they may."""

    visible: Any
    sees_rules: bool = True
    #: Fields whose values stay hidden.
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Done:
    """An event by which a rule acted: its number on the case, and what it says."""

    number: int
    says: str


@dataclass(frozen=True)
class RuleTold:
    """One rule on one occasion. ``because`` says why it did not act although it held."""

    name: str
    version: int
    outcome: str
    conditions: Told | None
    because: str = ""
    #: The case on which it acted before, where the reader may see it.
    earlier: str = ""
    did: list[str] = field(default_factory=list)
    events: list[Done] = field(default_factory=list)
    rule_id: int = 0

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told: dict[str, Any] = {"rule": self.name, "version": self.version, "outcome": self.outcome}
        told |= {"because": self.because} if self.because else {}
        told |= {"earlier_case": self.earlier} if self.earlier else {}
        told |= {"conditions": self.conditions.as_json()} if self.conditions else {}
        return told | ({"did": self.did, "events": [done.number for done in self.events]} if self.did else {})


@dataclass(frozen=True)
class OccasionTold:
    """One asking; ``untold`` counts rules that did not act and are not for this reader to know."""

    pk: int
    occasion: str
    says: str
    at: datetime
    number: int | None
    rules: list[RuleTold]
    left_out: int
    untold: int
    too_deep: bool

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = {"occasion": self.occasion, "event": self.number, "says": self.says, "asked_at": self.at.isoformat()}
        told |= {"went_in_circles": True} if self.too_deep else {}
        rules = [rule.as_json() for rule in self.rules]
        return {**told, "rules": rules, "left_out": self.left_out, "not_for_you": self.untold}


def askings_of(case: Case, reader: Reader, before: int | None = None) -> tuple[list[OccasionTold], int | None]:
    """Some occasions, those with a lower key than ``before``; and the key to go on from, None at the end.

    The number of queries depends on neither the occasions nor the rules.
    """
    responses = list(Interaction.objects.filter(case=case).values_list("pk", flat=True))
    about = Q(case=case) | Q(interaction__in=responses) if responses else Q(case=case)
    rows = RuleAsking.objects.filter(about).select_related("event", "interaction").order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: AT_ONCE + 1])
    reading = _Reading.of(case, found[:AT_ONCE], reader)
    return [reading.told(row) for row in found[:AT_ONCE]], found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None


@dataclass(frozen=True)
class _Reading:
    """What was read for some askings."""

    reader: Reader
    rules: Mapping[int, Rule]
    firings: Mapping[int, RuleFiring]
    references: Mapping[int, str]
    events: Sequence[CaseEvent]
    names: Names
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, case: Case, rows: Sequence[RuleAsking], reader: Reader) -> _Reading:
        """In a handful of queries."""
        answers = [Answer.read(stored) for row in rows for stored in row.answers]
        of_rules = {answer.reference for answer in answers if answer.outcome == Outcome.STOPPED}
        of_firings = {answer.reference for answer in answers if answer.reference and answer.outcome != Outcome.STOPPED}
        rules = Rule.objects.in_bulk({answer.rule_id for answer in answers} | (of_rules - {None}))
        firings = RuleFiring.objects.in_bulk(of_firings)
        cases = {firing.case_id for firing in firings.values() if firing.case_id}
        events = _done(case, rows)
        told = [*events, *(row.event for row in rows if row.event)]
        return cls(
            reader, rules, firings,
            dict(reader.visible.filter(pk__in=cases).values_list("pk", "reference")) if cases else {},
            events, names_for(told, visible=reader.visible),
            {occasion: fields_of(occasion) for occasion in {row.occasion for row in rows}},
        )  # fmt: skip

    def told(self, row: RuleAsking) -> OccasionTold:
        """One asking in words."""
        answers = [Answer.read(stored) for stored in row.answers]
        shown = [answer for answer in answers if self.reader.sees_rules or answer.outcome == Outcome.ACTED]
        return OccasionTold(
            pk=row.pk,
            occasion=row.occasion,
            says=sentence(row.event, self.names) if row.event else str(Occasion(row.occasion).label),
            at=row.asked_at,
            number=row.event.seq if row.event else None,
            rules=[self._rule(row, answer) for answer in shown],
            left_out=row.left_out,
            untold=len(answers) - len(shown),
            too_deep=row.too_deep,
        )

    def _rule(self, row: RuleAsking, answer: Answer) -> RuleTold:
        rule = self.rules.get(answer.rule_id)
        if rule is None:
            return RuleTold(_("a rule that was deleted"), 0, answer.outcome, None)
        firing = self.firings.get(answer.reference or 0) if answer.outcome != Outcome.STOPPED else None
        acted = firing if answer.outcome == Outcome.ACTED else None
        return RuleTold(
            name=rule.name,
            version=rule.version,
            outcome=answer.outcome,
            conditions=conditions_told(rule, answer.marks, self._shown(row)),
            because=self._because(rule, answer, firing),
            earlier=self.references.get(firing.case_id or 0, "") if firing and not acted else "",
            did=did_in_words(acted) if acted else [],
            events=self._events(rule, row, acted) if acted else [],
            rule_id=rule.pk,
        )

    def _shown(self, row: RuleAsking) -> Shown:
        return Shown(self.fields[row.occasion], row.seen, self.reader.hidden)

    def _because(self, rule: Rule, answer: Answer, firing: RuleFiring | None) -> str:
        if answer.outcome == Outcome.STOPPED:
            return stopped_in_words(self.rules.get(answer.reference or 0))
        return kept_back_in_words(rule, firing) if answer.outcome == Outcome.KEPT_BACK else ""

    def _events(self, rule: Rule, row: RuleAsking, firing: RuleFiring) -> list[Done]:
        """What the rule did in answer to this occasion; without an event, between its firing and the record of it."""
        return [
            Done(event.seq, sentence(event, self.names))
            for event in self.events
            if event.actor_label == rule.label
            and event.caused_by_id == row.event_id
            and (row.event_id or firing.fired_at <= event.recorded_at <= row.asked_at)
        ]


def _done(case: Case, rows: Sequence[RuleAsking]) -> list[CaseEvent]:
    """What rules did to the case on these occasions; one query, or none."""
    if not rows:
        return []
    causes = [row.event_id for row in rows if row.event_id]
    alone = Q(caused_by=None, recorded_at__range=(rows[-1].asked_at - _LONGEST, rows[0].asked_at))
    by_rules = CaseEvent.objects.filter(Q(caused_by__in=causes) | alone, case=case, actor_kind=ActorKind.RULE)
    return list(by_rules.select_related("actor").order_by("seq"))


def did_in_words(firing: RuleFiring) -> list[str]:
    """A line per action: what it is called, and what it was refused."""
    return [_did(entry) for entry in (firing.trace or {}).get("actions", [])]


def _did(entry: Mapping[str, Any]) -> str:
    name = str(entry.get("action", ""))
    label = str(actions.get(name).label) if name in actions else name
    if "refused" in entry:
        return _("%(action)s – refused: %(why)s") % {"action": label, "why": entry["refused"]}
    if entry.get("users") == []:
        return _("%s – there was nobody to tell") % label
    return label


def stopped_in_words(by: Rule | None) -> str:
    """Why a rule was not asked to act: another one had the last word."""
    if by is None:
        return _("A rule before it says that no later rule acts.")
    return _("Rule “%s” acted before it and says that no later rule acts.") % by.name


def kept_back_in_words(rule: Rule, earlier: RuleFiring | None) -> str:
    """Why it was not allowed to act again."""
    how = str(Cadence(rule.cadence).label)
    if rule.cadence in (Cadence.ONCE_PER_CONTACT, Cadence.ONCE_PER_CASE):
        how = _("%(how)s (%(days)d)") % {"how": how, "days": rule.cadence_days}
    if earlier is None:
        return _("It may act: %s.") % how
    said = {"how": how, "moment": _moment(earlier.about_at)}
    return _("It may act: %(how)s. It had acted before (%(moment)s).") % said


def _moment(moment: datetime) -> str:
    return str(formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT"))
