"""Rules in plain words: when … and … then …, with the names that people gave to what the rule calls by keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from case_management.models import CustomField, Rule
from case_management.models.rule import Occasion
from case_management.rules.actions.base import Action, actions
from case_management.rules.conditions.operators import operator_for
from case_management.rules.conditions.spans import span_in_words
from case_management.rules.conditions.tree import Branch, Leaf, Node, parse
from case_management.rules.custom_fields import PREFIX, fields_of
from case_management.rules.fields import Kind
from case_management.rules.options import options_of
from case_management.rules.scope import whole_conditions
from case_management.rules.timing import timing_in_words

_SPANS = ("longer_ago", "within_last", "within_next")


def in_words(rule: Rule) -> str:
    """When … and … then …"""
    tree = parse(whole_conditions(rule.conditions, rule.scope), fields_of(rule.occasion))
    acts = ", ".join(action_in_words(stored) for stored in rule.actions)
    wording = _("When %(occasion)s and %(conditions)s, then: %(actions)s.")
    if not list(tree.leaves()):
        wording = _("When %(occasion)s, then: %(actions)s.")
    return wording % {"occasion": _occasion(rule), "conditions": say(tree), "actions": acts}


def _occasion(rule: Rule) -> str:
    if rule.occasion in (Occasion.TIME_PASSED, Occasion.SCHEDULE):
        return timing_in_words(rule.occasion, rule.timing)
    return _lower(str(Occasion(rule.occasion).label))


def say(node: Node) -> str:
    """A tree of conditions as a part of a sentence."""
    return say_leaf(node) if isinstance(node, Leaf) else _say_branch(node)


def say_leaf(leaf: Leaf) -> str:
    """One comparison."""
    said = f"{leaf.field.label} {operator_for(leaf.field, leaf.op).label}"
    return said if leaf.value is None else f"{said} {_value(leaf)}"


def _say_branch(branch: Branch) -> str:
    if branch.how == "not":
        return _("not (%s)") % say(branch.parts[0])
    joint = _(" and ") if branch.how == "all" else _(" or ")
    parts = [f"({say(part)})" if isinstance(part, Branch) else say(part) for part in branch.parts]
    return joint.join(parts)


def _value(leaf: Leaf) -> str:
    if leaf.op in _SPANS and leaf.field.kind is Kind.MOMENT:
        return span_in_words(leaf.value)
    if leaf.field.kind is Kind.COUNT:
        days = leaf.value.get("days")
        return _("%(count)d in %(days)d days") % leaf.value if days else str(leaf.value["count"])
    names = dict(options_of(leaf.name, leaf.field)) if leaf.field.kind in _LISTED else {}
    if leaf.field.kind is Kind.CHANGE:
        ends = [(_("from %s"), leaf.value.get("from")), (_("to %s"), leaf.value.get("to"))]
        return " ".join(wording % _named(names, end) for wording, end in ends if end)
    if isinstance(leaf.value, list):
        return ", ".join(_named(names, each) for each in leaf.value)
    return _named(names, leaf.value)


_LISTED = (Kind.CHOICE, Kind.BRANCH, Kind.MANY, Kind.CHANGE)


def _named(names: Mapping[str, str], value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return names.get(str(value), str(value)).replace("– ", "")


def action_in_words(stored: Mapping[str, Any]) -> str:
    """What an action does, with what; a parameter that is not known any more stands as it is stored."""
    if stored.get("action") not in actions:
        return _("something that is not known any more: %s") % stored.get("action")
    action = actions.get(str(stored["action"]))
    said = [_parameter(action, name, value) for name, value in stored.items() if name != "action" and value]
    return f"{action.label} ({', '.join(said)})" if said else str(action.label)


def _parameter(action: type[Action], name: str, value: Any) -> str:
    field = action.Parameters.base_fields.get(name)
    label = _lower(str(field.label or name.replace("_", " "))) if field else name
    if value is True:
        return label
    values = value if isinstance(value, list) else [value]
    return f"{label}: {', '.join(_called(field, each) for each in values)}"


def _called(field: Any, value: Any) -> str:
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        row = field.queryset.model._default_manager.filter(**{field.to_field_name or "pk": value})
        return str(row.first() or value)
    if str(value).startswith(PREFIX):
        return str(CustomField.objects.filter(key=str(value).removeprefix(PREFIX)).first() or value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    text = str(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”" if " " in text else text


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
