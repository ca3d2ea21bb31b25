"""What an event changed about a case: from which value to which, as keys that a rule can name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from case_management.domain.events import EVENTS
from case_management.models import CaseEvent, CaseType, Priority, Team, Topic, Unit


@dataclass(frozen=True, slots=True)
class Change:
    """Before and after, each as the keys that it answers to: a topic also to those of the topics above it."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.before[-1] if self.before else '–'} → {self.after[-1] if self.after else '–'}"


def _itself(values: set[Any]) -> dict[Any, tuple[str, ...]]:
    return {value: (str(value),) for value in values}


def _keys_of(model: Any, name: str = "key") -> Callable[[set[Any]], dict[Any, tuple[str, ...]]]:
    def read(values: set[Any]) -> dict[Any, tuple[str, ...]]:
        rows = model._default_manager.filter(pk__in=values).values_list("pk", name)
        return {pk: (str(key),) for pk, key in rows}

    return read


def _branch_of(model: Any, name: str) -> Callable[[set[Any]], dict[Any, tuple[str, ...]]]:
    """From the top down, so that the node itself stands last."""

    def read(values: set[Any]) -> dict[Any, tuple[str, ...]]:
        paths = dict(model.objects.filter(pk__in=values).values_list("pk", "path"))
        steps = {path[:end] for path in paths.values() for end in _ends(path, model.steplen)}
        named = dict(model.objects.filter(path__in=steps).values_list("path", name))
        return {pk: tuple(named[path[:end]] for end in _ends(path, model.steplen)) for pk, path in paths.items()}

    return read


def _ends(path: str, step: int) -> range:
    return range(step, len(path) + 1, step)


#: What a rule calls it → the projected field of the case, and how its values are called.
TRACKED: dict[str, tuple[str, Callable[[set[Any]], dict[Any, tuple[str, ...]]]]] = {
    "status": ("status", _itself),
    "waiting_for": ("waiting_for", _itself),
    "topic": ("topic_id", _branch_of(Topic, "key")),
    "case_type": ("case_type_id", _keys_of(CaseType)),
    "priority": ("priority_id", _keys_of(Priority)),
    "unit": ("unit_id", _branch_of(Unit, "number")),
    "team": ("team_id", _keys_of(Team)),
    "assignee": ("assignee_id", _keys_of(get_user_model(), get_user_model().USERNAME_FIELD)),
}


def changes_of(name: str, events: Mapping[int, CaseEvent]) -> dict[int, Change]:
    """Case id → how the events (one per case) changed the fact; cases whose event did not are not in it."""
    attribute, called = TRACKED[name]
    decided = {
        case_id: event.decoded().changes(event.occurred_at)[attribute]
        for case_id, event in events.items()
        if attribute in EVENTS[event.type].touches and attribute in event.decoded().touched()
    }
    before = _before(attribute, {case_id: events[case_id] for case_id in decided}) if decided else {}
    changed = {case_id: (before.get(case_id), after) for case_id, after in decided.items()}
    changed = {case_id: pair for case_id, pair in changed.items() if (pair[0] or None) != (pair[1] or None)}
    keys = called({value for pair in changed.values() for value in pair if value})
    return {case_id: Change(*(keys.get(value, ()) for value in pair)) for case_id, pair in changed.items()}


def _before(attribute: str, events: Mapping[int, CaseEvent]) -> dict[int, Any]:
    """What the cases had before: what the last earlier event that says anything of it says."""
    saying = [code for code, event in EVENTS.items() if attribute in event.touches]
    history = CaseEvent.objects.filter(case_id__in=list(events), type__in=saying).order_by("case_id", "seq")
    found: dict[int, Any] = {}
    for event in history:
        decoded = event.decoded()
        if event.seq < events[event.case_id].seq and attribute in decoded.touched():
            found[event.case_id] = decoded.changes(event.occurred_at)[attribute]
    return found
