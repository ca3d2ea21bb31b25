"""What differs between two versions of a rule, field by field, in the words in which people read rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.models import Rule
from case_management.models.rule import Cadence, Occasion
from case_management.rules.conditions.tree import Branch, parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.scope import whole_conditions
from case_management.rules.timing import timing_in_words
from case_management.rules.words import action_in_words, say


@dataclass(frozen=True)
class Difference:
    """One field, with the parts that it had before and has after; ``gone`` and ``came`` are those not in both."""

    label: str
    before: list[str]
    after: list[str]

    @property
    def gone(self) -> list[str]:
        """What is in no part of the later version."""
        return [part for part in self.before if part not in self.after]

    @property
    def came(self) -> list[str]:
        """What was in no part of the earlier version."""
        return [part for part in self.after if part not in self.before]


def differences(before: Rule | None, after: Rule) -> list[Difference]:
    """The fields that differ; without a version before, everything that the later one says."""
    found = []
    for label, read in _FIELDS:
        was, now = (_read(read, before) if before else []), _read(read, after)
        if was != now:
            found.append(Difference(str(label), was, now))
    return found


def _read(read: Callable[[Rule], list[str]], rule: Rule) -> list[str]:
    try:
        return read(rule)
    except InvalidConfiguration as error:
        return [_("Not usable: %s") % error.message]


def _when(rule: Rule) -> list[str]:
    label = str(Occasion(rule.occasion).label)
    if rule.occasion not in (Occasion.TIME_PASSED, Occasion.SCHEDULE):
        return [label]
    return [f"{label}: {timing_in_words(rule.occasion, rule.timing)}"]


def _parts(tree: Any) -> list[str]:
    if isinstance(tree, Branch) and tree.how == "all":
        return [say(part) for part in tree.parts]
    return [say(tree)]


def _scope(rule: Rule) -> list[str]:
    return _parts(parse(whole_conditions({}, rule.scope), fields_of(rule.occasion)))


def _conditions(rule: Rule) -> list[str]:
    return _parts(parse(rule.conditions, fields_of(rule.occasion)))


def _actions(rule: Rule) -> list[str]:
    return [f"{at}. {action_in_words(stored)}" for at, stored in enumerate(rule.actions, 1)]


def _cadence(rule: Rule) -> list[str]:
    label = str(Cadence(rule.cadence).label)
    if rule.cadence in (Cadence.ONCE_PER_CONTACT, Cadence.ONCE_PER_CASE):
        return [_("%(cadence)s: %(days)d") % {"cadence": label, "days": rule.cadence_days}]
    return [label]


def _stops(rule: Rule) -> list[str]:
    return [_("yes") if rule.stop_processing else _("no")]


_FIELDS: tuple[tuple[str | Promise, Callable[[Rule], list[str]]], ...] = (
    (gettext_lazy("Name"), lambda rule: [rule.name]),
    (gettext_lazy("When"), _when),
    (gettext_lazy("Only for"), _scope),
    (gettext_lazy("Conditions"), _conditions),
    (gettext_lazy("Actions"), _actions),
    (gettext_lazy("How often"), _cadence),
    (gettext_lazy("Place in the order"), lambda rule: [str(rule.position)]),
    (gettext_lazy("Later rules are not asked"), _stops),
)
