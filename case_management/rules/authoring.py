"""Check a rule before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models.rule import Occasion
from case_management.rules.actions.base import actions, checked_parameters
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of, require_offered
from case_management.rules.scope import whole_conditions
from case_management.rules.timing import read_delay, read_schedule
from case_management.rules.words import in_words

__all__ = ["ON_INTERACTIONS", "in_words", "validate", "validate_action", "validate_when"]

#: Actions that need an interaction to act on.
ON_INTERACTIONS = frozenset({"open_case", "alert"})


def validate_when(occasion: str, timing: Any, scope: Any) -> None:
    """Raise InvalidConfiguration for what a rule on time waits for, and for whom a rule is."""
    if occasion == Occasion.TIME_PASSED:
        read_delay(timing)
    elif occasion == Occasion.SCHEDULE:
        read_schedule(timing)
    elif timing:
        raise InvalidConfiguration(_("Only rules on time have a timing; take it out, or choose another occasion."))
    parse(whole_conditions({}, scope), fields_of(occasion))


def validate(occasion: str, conditions: Any, stored_actions: Any) -> None:
    """Raise InvalidConfiguration that names the part of the rule that is wrong and how to mend it."""
    for leaf in parse(conditions, fields_of(occasion)).leaves():
        require_offered(leaf.field, leaf.value)
    if not isinstance(stored_actions, list) or not stored_actions:
        raise InvalidConfiguration(_("A rule needs at least one action."))
    for stored in stored_actions:
        validate_action(occasion, stored)


def validate_action(occasion: str, stored: Mapping[str, Any]) -> None:
    """The same for one action."""
    checked_parameters(stored)
    if stored["action"] in ON_INTERACTIONS and occasion != Occasion.INTERACTION_RECEIVED:
        raise InvalidConfiguration(
            _("“%s” works only when an interaction is received.") % actions.get(stored["action"]).label
        )
