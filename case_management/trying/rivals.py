"""Other live rules on the same occasion: those that would have stopped the tried one, and those that contradict it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from case_management.models import Rule

#: Action → what it sets, and the parameter that says to which value (None: the action itself says it).
_SETS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "set_topic": (("topic", "topic"),),
    "set_type": (("case_type", "case_type"),),
    "set_priority": (("priority", "priority"),),
    "reroute": (("unit", "unit"), ("team", "team")),
    "assign": (("assignee", None),),
    "assign_to": (("assignee", "user"),),
    "unassign": (("assignee", None),),
    "flag": (("flagged", None),),
    "unflag": (("flagged", None),),
    "wait": (("status", None),),
    "resolve": (("status", None),),
    "close": (("status", None),),
    "reopen": (("status", None),),
    "snooze": (("snoozed_until", "hours"),),
}


def settings_of(rule: Rule) -> dict[str, Any]:
    """What the rule sets, to which value; the last action has the last word."""
    found: dict[str, Any] = {}
    for stored in rule.actions:
        key = str(stored.get("action", ""))
        if key == "set_field":
            found[str(stored.get("field", ""))] = stored.get("value")
        for what, parameter in _SETS.get(key, ()):
            value = key if parameter is None else stored.get(parameter)
            if value not in (None, ""):
                found[what] = value
    return found


def contradictions(rule: Rule, other: Rule) -> list[str]:
    """One line for each thing that both set, to different values."""
    mine, theirs = settings_of(rule), settings_of(other)
    return [
        f"{other.label}: {what} {theirs[what]} ≠ {mine[what]}"
        for what in mine
        if what in theirs and theirs[what] != mine[what]
    ]


def place_of(rule: Rule) -> tuple[float, float]:
    """Where the rule stands in the order of acting; one that is not saved yet stands last in its position."""
    return rule.position, rule.pk if rule.pk is not None else float("inf")


def live_beside(rule: Rule) -> list[Rule]:
    """The live rules on the occasion but for other versions of this one, in their order."""
    return list(Rule.objects.live(rule.occasion).exclude(key=rule.key))


def earlier_labels(rule: Rule, rules: Iterable[Rule]) -> frozenset[str]:
    """How those sign their events that act before the rule."""
    return frozenset(other.label for other in rules if place_of(other) < place_of(rule))
