"""Rules that bring about their own occasion: found from what their actions change, before a case shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from case_management.domain.actor import ActorKind
from case_management.models.rule import Cadence, Occasion
from case_management.rules.changes import TRACKED
from case_management.rules.conditions.tree import Leaf, parse
from case_management.rules.custom_fields import fields_of
from case_management.rules.lint_finding import Read
from case_management.rules.reasoning import Literal, Reasoning

#: Circles of more rules than this are not looked for.
LONGEST = 4


@dataclass(frozen=True)
class Effect:
    """What an action does to an open case: the event, which fact it changes, and what holds of the case afterwards.

    ``again``: done a second time it changes the case once more, as another escalation does.
    """

    event: str
    changed: str = ""
    after: tuple[dict[str, Any], ...] = ()
    again: bool = False


def _eq(name: str, parameter: str, event: str, op: str = "eq") -> Any:
    def effect(stored: Mapping[str, Any]) -> list[Effect]:
        value = stored.get(parameter)
        return [Effect(event, name, ({"field": name, "op": op, "value": value},))] if value else []

    return effect


def _flag(event: str, value: bool) -> Any:
    return lambda stored: [Effect(event, "", ({"field": "flagged", "op": "is", "value": value},))]


def _always(event: str, changed: str = "") -> Any:
    return lambda stored: [Effect(event, changed, again=True)]


def _tags(op: str) -> Any:
    def effect(stored: Mapping[str, Any]) -> list[Effect]:
        tags = stored.get("tags") or []
        each = [[tag] for tag in tags] if op == "has_any" else [tags]
        return [Effect("tags_changed", "", tuple({"field": "tags", "op": op, "value": one} for one in each))]

    return effect


def _reroute(stored: Mapping[str, Any]) -> list[Effect]:
    after = []
    if stored.get("unit"):
        after.append({"field": "unit", "op": "under", "value": stored["unit"]})
    if stored.get("team"):
        after.append({"field": "team", "op": "eq", "value": stored["team"]})
    return [Effect("rerouted", "unit" if stored.get("unit") else "team", tuple(after))]


def _unassign(stored: Mapping[str, Any]) -> list[Effect]:
    return [Effect("unassigned", "assignee", ({"field": "assignee", "op": "empty"},))]


#: What each action brings about on open cases; one that is not named brings about nothing that rules hear of.
EFFECTS: Mapping[str, Any] = {
    "set_topic": _eq("topic", "topic", "topic_changed", "under"),
    "set_type": _eq("case_type", "case_type", "type_changed"),
    "set_priority": _eq("priority", "priority", "priority_changed"),
    "assign_to": _eq("assignee", "user", "assigned"),
    "unassign": _unassign,
    "flag": _flag("flagged", True),
    "unflag": _flag("unflagged", False),
    "tag": _tags("has_any"),
    "untag": _tags("has_none"),
    "reroute": _reroute,
    "escalate": _always("escalated"),
    "respond": _always("message_queued"),
    "forward": _always("message_queued"),
}


@dataclass(frozen=True, eq=False)
class Link:
    """A rule in a circle: what it does, and what holds of a case when it has acted."""

    read: Read
    effects: tuple[Effect, ...]
    facts: tuple[Literal, ...]
    #: For each effect, what the next rule is told of the event.
    heard: tuple[tuple[Literal, ...], ...]
    then: list[Link] = field(default_factory=list)


def circles(reads: Sequence[Read], reasoning: Reasoning) -> Iterator[list[Read]]:
    """Circles of rules that set each other off; each once, from its first rule on."""
    links = [_link(read) for read in reads if _may_turn(read)]
    for link in links:
        link.then.extend(other for other in links if _sets_off(link, other, reasoning))
    for at, first in enumerate(links):
        allowed = links[at:]
        for circle in _from(first, [first], allowed):
            if all(_changes_again(link, circle, reasoning) for link in circle):
                yield [link.read for link in circle]


def _may_turn(read: Read) -> bool:
    """Whatever acts once per case ends a circle by itself."""
    rule = read.rule
    return rule.occasion == Occasion.CASE_CHANGED and rule.cadence == Cadence.EVERY_TIME


def _link(read: Read) -> Link:
    effects = tuple(
        effect for stored in read.rule.actions for effect in EFFECTS.get(str(stored.get("action")), _nothing)(stored)
    )
    last = {_about(fact): fact for effect in effects for fact in effect.after}
    facts = tuple((_leaf(fact), True) for fact in last.values())
    return Link(read, effects, facts, tuple(tuple(_heard(effect)) for effect in effects))


def _about(fact: Mapping[str, Any]) -> str:
    """What a later action of the same rule says anew; tags are added one by one."""
    return f"{fact['field']} {fact['value']}" if fact["field"] == "tags" else str(fact["field"])


def _nothing(stored: Mapping[str, Any]) -> list[Effect]:
    return []


def _leaf(fact: Mapping[str, Any]) -> Leaf:
    (leaf,) = parse(dict(fact), fields_of(Occasion.CASE_CHANGED)).leaves()
    return leaf


def _sets_off(link: Link, other: Link, reasoning: Reasoning) -> bool:
    return any(not reasoning.never_holds(other.read.tree, *link.facts, *heard) for heard in link.heard)


def _heard(effect: Effect) -> Iterator[Literal]:
    """What the next rule is told of the event: its name, that a rule did it, and what it did not change."""
    yield _leaf({"field": "event", "op": "eq", "value": effect.event}), True
    yield _leaf({"field": "done_by_kind", "op": "eq", "value": ActorKind.RULE.value}), True
    for name in TRACKED:
        moves_with = {"unit", "team"} if effect.event == "rerouted" else {effect.changed}
        if name not in moves_with:
            yield _leaf({"field": f"changed.{name}", "op": "changed"}), False


def _from(first: Link, path: list[Link], allowed: Sequence[Link]) -> Iterator[list[Link]]:
    for after in path[-1].then:
        if after is first:
            yield path
        elif len(path) < LONGEST and after in allowed and after not in path:
            yield from _from(first, [*path, after], allowed)


def _changes_again(link: Link, circle: Sequence[Link], reasoning: Reasoning) -> bool:
    """Whether the next time round there is something to change: the action always does, or another rule undid it."""
    if any(effect.again for effect in link.effects):
        return True
    others = [fact for other in circle if other is not link for fact in other.facts]
    return any(reasoning.never_holds(mine[0], other) for mine in link.facts for other in others)
