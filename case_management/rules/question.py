"""Would this rule act on this case now, and why not: asked of the database, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.events import EVENTS
from case_management.models import Case, CaseEvent, Interaction, Rule, RuleFiring
from case_management.models.rule import Cadence, Occasion
from case_management.rules import cadence
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import Node, parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.explaining import Reader, kept_back_in_words, stopped_in_words
from case_management.rules.reacting import occasion_of
from case_management.rules.scope import whole_conditions
from case_management.rules.timing import read_delay, timing_in_words
from case_management.rules.told import Shown, Told, conditions_told
from case_management.rules.trace import Asked

#: Earlier than anything that happened.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verdict:
    """What a rule answers about a case now. ``against`` lists why it would not act; nothing: it would."""

    rule: Rule
    #: What it was asked about: an event of the case, a response, or the case itself.
    about: str
    conditions: Told | None
    against: list[str]

    @property
    def would_act(self) -> bool:
        """Whether nothing is against it."""
        return not self.against

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = {"rule": self.rule.name, "version": self.rule.version, "asked_about": self.about}
        conditions = {"conditions": self.conditions.as_json()} if self.conditions else {}
        return {**told, "would_act": self.would_act, "against": self.against, **conditions}


def would_hold(rule: Rule, case: Case, reader: Reader, now: datetime) -> Verdict:
    """Ask one rule about the case as it is now; on a change it is asked about the latest event of its occasion."""
    subject, event, about = _subject(rule, case)
    if subject is None:
        return Verdict(rule, about, None, [_("The case has no response that it could be asked about.")])
    events = {case.pk: event} if event else {}
    rows = type(subject)._default_manager.filter(pk=subject.pk)
    circumstances = Circumstances(rows, now, events)
    before = _with_last_word(rule)
    trees = {one.pk: _tree(one) for one in (rule, *before)}
    asked = Asked(trees.values(), circumstances)
    tree = trees[rule.pk]
    seen = Shown(fields_of(rule.occasion), asked.seen([tree], subject.pk), reader.hidden)
    conditions = conditions_told(rule, asked.marks(tree, subject.pk), seen)
    against = [] if asked.holds(tree, subject.pk) else [_("Its conditions do not hold.")]
    against += _not_in_force(rule, event) + _not_its_time(rule, case, now)
    against += [stopped_in_words(one) for one in before if asked.holds(trees[one.pk], subject.pk)]
    return Verdict(rule, about, conditions, against + _kept_back(rule, subject))


def _tree(rule: Rule) -> Node:
    return parse(whole_conditions(rule.conditions, rule.scope), fields_of(rule.occasion))


def _subject(rule: Rule, case: Case) -> tuple[Any, CaseEvent | None, str]:
    """The response or case that is asked about, with the event that a rule on changes would hear of."""
    if rule.occasion == Occasion.INTERACTION_RECEIVED:
        response = Interaction.objects.filter(case=case).order_by("-occurred_at", "-pk").first()
        return response, None, _("the latest response")
    kinds = [kind for kind in EVENTS if occasion_of(kind) == rule.occasion]
    event = CaseEvent.objects.filter(case=case, type__in=kinds).order_by("-seq").first() if kinds else None
    if event is None:
        return case, None, _("the case as it is now")
    return case, event, _("the case as it is now, and entry %d") % event.seq


def _with_last_word(rule: Rule) -> list[Rule]:
    """Live rules before it that stop others."""
    live = Rule.objects.live(rule.occasion).exclude(key=rule.key)
    return [one for one in live if one.stops and (one.position, one.pk) < (rule.position, rule.pk)]


def _not_in_force(rule: Rule, event: CaseEvent | None) -> list[str]:
    against = [] if rule.is_active else [_("It is switched off.")]
    if rule.occasion in (Occasion.CASE_OPENED, Occasion.CASE_CHANGED, Occasion.DEADLINE_MISSED) and event is None:
        against.append(_("Its occasion has not come on this case: %s.") % Occasion(rule.occasion).label)
    return against


def _not_its_time(rule: Rule, case: Case, now: datetime) -> list[str]:
    """A rule on time waits for a moment of the case."""
    if rule.occasion != Occasion.TIME_PASSED:
        return []
    cases = Case.objects.filter(pk=case.pk)
    if cases.filter(read_delay(rule.timing).window(Circumstances(cases, now), _EVER, now)).exists():
        return []
    return [_("Its time has not come: %s.") % timing_in_words(rule.occasion, rule.timing)]


def _kept_back(rule: Rule, subject: Any) -> list[str]:
    """Whether an earlier firing forbids another one; a rule that acts every time is not held back by any."""
    if rule.cadence == Cadence.EVERY_TIME and isinstance(subject, Case):
        return []
    kept: dict[int, RuleFiring] = cadence.weigh(rule, [subject], {}).kept_back
    return [kept_back_in_words(rule, earlier) for earlier in kept.values()]
