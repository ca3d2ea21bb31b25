"""Check a rule before it is saved, and say it in plain words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import Rule
from case_management.models.rule import Occasion
from case_management.rules.actions.base import actions, checked_parameters
from case_management.rules.conditions.operators import operator_for
from case_management.rules.conditions.tree import Branch, Leaf, Node, parse
from case_management.rules.fields import fields_of

#: Actions that need an interaction to act on.
ON_INTERACTIONS = frozenset({"open_case", "alert"})


def validate(occasion: str, conditions: Any, stored_actions: Any) -> None:
    """Raise InvalidConfiguration that names the part of the rule that is wrong and how to mend it."""
    parse(conditions, fields_of(occasion))
    if not isinstance(stored_actions, list) or not stored_actions:
        raise InvalidConfiguration(_("A rule needs at least one action."))
    for stored in stored_actions:
        checked_parameters(stored)
        if stored["action"] in ON_INTERACTIONS and occasion != Occasion.INTERACTION_RECEIVED:
            raise InvalidConfiguration(
                _("“%s” works only when an interaction is received.") % actions.get(stored["action"]).label
            )


def in_words(rule: Rule) -> str:
    """When … and … then …"""
    tree = parse(rule.conditions, fields_of(rule.occasion))
    acts = ", ".join(str(actions.get(stored["action"]).label) for stored in rule.actions)
    wording = _("When %(occasion)s and %(conditions)s, then: %(actions)s.")
    if not list(tree.leaves()):
        wording = _("When %(occasion)s, then: %(actions)s.")
    occasion = Occasion(rule.occasion).label
    return wording % {"occasion": occasion[:1].lower() + occasion[1:], "conditions": _say(tree), "actions": acts}


def _say(node: Node) -> str:
    if isinstance(node, Leaf):
        value = ", ".join(map(str, node.value)) if isinstance(node.value, list) else node.value
        said = f"{node.field.label} {operator_for(node.field, node.op).label}"
        return said if value is None else f"{said} {_plain(value)}"
    return _say_branch(node)


def _say_branch(branch: Branch) -> str:
    if branch.how == "not":
        return _("not (%s)") % _say(branch.parts[0])
    joint = _(" and ") if branch.how == "all" else _(" or ")
    parts = [f"({_say(part)})" if isinstance(part, Branch) else _say(part) for part in branch.parts]
    return joint.join(parts)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)
