"""The filters as controls: what can be chosen, and what is; two queries for all the lists behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Concat

from case_management.access import visible_units
from case_management.models import CaseType, Membership, Priority, Source, Tag, Team, Topic
from case_management.ui.lists.pills import WHO
from case_management.ui.lists.question import Question
from case_management.ui.people import display_name

#: Longer lists are a text field instead: nobody scrolls through more.
MOST_OPTIONS = 300
_CHECKS = ("status", "source", "type", "priority")
_SELECTS = ("topic", "unit", "team", "assignee", "tag", "escalated", "flagged")
_RANGES = (("opened_after", "opened_before"), ("due_after", "due_before"), ("resolved_after", "resolved_before"))


@dataclass(frozen=True)
class Option:
    """One value that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Control:
    """One filter of the panel; ``kept`` are further values in force that a list of one cannot show."""

    name: str
    label: str
    kind: str
    options: list[Option] = field(default_factory=list)
    value: str = ""
    kept: list[str] = field(default_factory=list)


def panel(question: Question, user: Any) -> list[Control]:
    """All controls but the dates, in the order in which they are shown."""
    choices = _choices(user)
    for name, filter_field in question.form.fields.items():
        if name not in choices and hasattr(filter_field, "choices"):
            choices[name] = [(str(key), str(label)) for key, label in filter_field.choices if key]
    choices["assignee"] = [(key, str(label)) for key, label in WHO] + _people()
    return [
        *(_control(question, name, "checks", choices[name]) for name in _CHECKS),
        *(_control(question, name, "select", choices[name]) for name in _SELECTS),
    ]


def _control(question: Question, name: str, kind: str, choices: Iterable[tuple[str, str]]) -> Control:
    label = str(question.form.fields[name].label)
    chosen = question.data.getlist(name)
    options = [Option(value, words, value in chosen) for value, words in choices]
    if len(options) > MOST_OPTIONS:
        kind, options = "text", []
    return Control(name, label, kind, options, next(iter(chosen), ""), chosen[1:] if kind == "select" else [])


def ranges(question: Question) -> list[list[Control]]:
    """First and last day of each date that can be asked for."""
    return [[_control(question, name, "date", []) for name in names] for names in _RANGES]


def _choices(user: Any) -> dict[str, list[tuple[str, str]]]:
    """Key and label of every entry of every list; one query."""
    lists = [
        *(_named(name, model) for name, model in _NAMED.items()),
        _tree("topic", Topic.objects.active(), F("key"), F("name")),
        _tree("unit", visible_units(user).active(), F("number"), Concat("number", Value(" "), "name")),
    ]
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, _path, _position, label, key, depth in sorted(lists[0].union(*lists[1:], all=True)):
        found[name].append((key, "– " * (depth - 1) + label))
    return {name: found[name] for name in (*_NAMED, "topic", "unit")}


_NAMED: dict[str, Any] = {"source": Source, "type": CaseType, "priority": Priority, "team": Team, "tag": Tag}
_COLUMNS = ("cm_list", "cm_path", "cm_position", "cm_label", "cm_key", "cm_depth")


def _named(name: str, model: Any) -> Any:
    place = F("rank") if model is Priority else F("position")
    return _row(model.objects.active(), name, (Value(""), place), (F("name"), F("key")), Value(1))


def _tree(name: str, nodes: Any, key: Any, label: Any) -> Any:
    return _row(nodes, name, (F("path"), Value(0)), (label, key), F("depth"))


def _row(rows: Any, name: str, place: tuple[Any, Any], words: tuple[Any, Any], depth: Any) -> Any:
    """The same six columns of every list, so that one query reads them all."""
    columns = dict(zip(_COLUMNS, (Value(name, CharField()), *place, *words, depth), strict=True))
    for column in ("cm_position", "cm_depth"):
        if isinstance(columns[column], Value):
            columns[column] = Value(columns[column].value, IntegerField())
    return rows.order_by().annotate(**columns).values_list(*_COLUMNS)


def _people() -> list[tuple[str, str]]:
    """Those who hold a role in case management."""
    holders = get_user_model()._default_manager.filter(
        is_active=True, pk__in=Membership.objects.order_by().values("user")
    )
    named = [(str(user.get_username()), display_name(user)) for user in holders[: MOST_OPTIONS + 1]]
    return sorted(named, key=lambda pair: pair[1].casefold())
