"""The steps of macros in words, with the names of what they choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.translation import gettext as _

from case_management.bulk.actions import actions
from case_management.domain.states import waiting_choices
from case_management.models import (
    CaseType,
    CloseChannel,
    ClosureReason,
    CustomField,
    NoteSubject,
    Priority,
    ResolutionMethod,
    ScriptedResponse,
    Tag,
    Team,
    Topic,
    Unit,
)
from case_management.models.custom_values import in_words
from case_management.timeline.names import person

#: Arguments of steps that name entries of a list by their id.
STEP_LISTS: dict[str, type[Model]] = {
    "topic": Topic, "case_type": CaseType, "priority": Priority, "unit": Unit, "team": Team, "add": Tag, "remove": Tag,
    "tags": Tag, "closure_reason": ClosureReason, "method": ResolutionMethod, "channel": CloseChannel,
    "subject": NoteSubject,
}  # fmt: skip


def step_in_words(step: Mapping[str, Any]) -> str:
    """What the step does, with the names of what it chooses."""
    if step.get("action") not in actions:
        return _("A step that is not known any more: %s") % step.get("action")
    said = _said_of_field(step) if "key" in step else _said_of(step)
    label = str(actions.get(step["action"]).label)
    return f"{label}: {', '.join(said)}" if said else label


def _said_of(step: Mapping[str, Any]) -> list[str]:
    return [word for name, value in step.items() if name != "action" for word in _said(name, value)]


def _said_of_field(step: Mapping[str, Any]) -> list[str]:
    """“Seat = 12A”; a value that is taken away is a dash."""
    found = CustomField.objects.filter(key=step["key"]).first()
    if found is None:
        return _quoted(step["key"])
    value = step.get("value")
    people = {value: _named_person(value)[0]} if found.kind == "user" and value else {}
    return [f"{found.name} = {in_words(found, value, people)}"]


def _said(name: str, value: Any) -> list[str]:
    if value is None or value in ("", [], False):
        return []
    if name in STEP_LISTS:
        wanted = value if isinstance(value, list) else [value]
        found = [str(row) for row in STEP_LISTS[name]._default_manager.filter(pk__in=wanted)]
        prefix = _("not %s") if name == "remove" else "%s"
        return [prefix % row for row in found] or ["?"]
    return _NAMERS.get(name, _quoted)(value)


def _quoted(value: Any) -> list[str]:
    return [f"“{str(value)[:80]}”"]


def _named_person(value: Any) -> list[str]:
    return [person(user) for user in get_user_model()._default_manager.filter(pk=value)] or ["?"]


def _named_response(value: Any) -> list[str]:
    return _quoted(ScriptedResponse.objects.filter(key=value).order_by("-version").first() or value)


_NAMERS: dict[str, Callable[[Any], list[str]]] = {
    "assignee": _named_person,
    "response": _named_response,
    "waiting_for": lambda value: [str(dict(waiting_choices()).get(value, value))],
    "hours": lambda value: [_("%s hours") % value],
}
