"""The filters as controls: what can be chosen, what is, and how many cases each choice would find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Value
from django.db.models.functions import Concat

from case_management.models import CaseType, Membership, Priority, Source, Tag, Team, Topic
from case_management.models.together import together
from case_management.ui.lists.controls import Control, Option
from case_management.ui.lists.custom import counted_columns, custom_controls, custom_ranges
from case_management.ui.lists.facets import TREES, Facets, facets
from case_management.ui.lists.pills import WHO
from case_management.ui.lists.question import Question
from case_management.ui.people import display_name

#: Longer lists are a text field instead: nobody scrolls through more.
MOST_OPTIONS = 300
_CHECKS = ("status", "priority", "source", "type", "team", "assignee", "unit", "topic", "tag")
_SELECTS = ("overdue", "escalated", "awaiting", "snoozed", "flagged", "my_teams", "merged")
_NUMBER_AND_NAME = Concat("number", Value(" "), "name")
_RANGES = (
    ("opened_after", "opened_before"),
    ("due_after", "due_before"),
    ("resolved_after", "resolved_before"),
    ("score_from", "score_to"),
)


@dataclass(frozen=True)
class _Entry:
    """A value of a list; ``counted`` is what it is counted under."""

    value: str
    label: str
    counted: str
    depth: int = 1


@dataclass(frozen=True)
class Panel:
    """All controls but the ranges, in the order in which they are shown, and (id, name) of the reader's own teams."""

    controls: list[Control]
    teams: list[tuple[str, str]]


def panel(question: Question, user: Any, units: Any) -> Panel:
    """What can be chosen, over the ``units`` that ``user`` may see; two queries."""
    counts = facets(question.filters, counted_columns(question.filters.custom))
    question.facets = counts if question.filters.statuses else None
    lists, teams = _lists(user, units)
    for name, filter_field in question.form.fields.items():
        if name not in lists and hasattr(filter_field, "choices"):
            lists[name] = [_Entry(str(key), str(label), str(key)) for key, label in filter_field.choices if key]
    checks = [_control(question, name, "checks", lists[name], counts) for name in _CHECKS]
    people = [(entry.value, entry.label) for entry in lists["assignee"][:MOST_OPTIONS]]
    own = custom_controls(question, people, counts)
    selects = [_control(question, name, "select", lists[name], counts) for name in _SELECTS]
    return Panel([*checks, *own, *selects], teams)


def _control(question: Question, name: str, kind: str, entries: list[_Entry], counts: Facets) -> Control:
    chosen = question.data.getlist(name)
    options = [
        Option(entry.value, entry.label, entry.value in chosen, counts.of(name, entry.counted), entry.depth)
        for entry in entries
    ]
    if len(options) > MOST_OPTIONS:
        kind, options = "text", []
    return Control(name, str(question.form.fields[name].label), kind, options, next(iter(chosen), ""))


def ranges(question: Question) -> list[list[Control]]:
    """First and last day of each date that can be asked for, and the least and greatest score."""
    return [
        [
            _control(question, name, "number" if name.startswith("score") else "date", [], Facets())
            for name in names
        ]
        for names in _RANGES
    ] + custom_ranges(question)  # fmt: skip


_NAMED: dict[str, Any] = {"source": Source, "type": CaseType, "priority": Priority, "team": Team, "tag": Tag}


def _lists(user: Any, units: Any) -> tuple[dict[str, list[_Entry]], list[tuple[str, str]]]:
    """Every entry of every list, and (id, name) of the teams with which a view can be shared; one query."""
    found = together(
        **{name: _named(model).values_list("key", "name") for name, model in _NAMED.items()},
        topic=Topic.objects.active().order_by("path").values_list("key", "name", "path", "depth"),
        unit=units.active().order_by("path").values_list("number", _NUMBER_AND_NAME, "path", "depth"),
        assignee=_people(),
        own_teams=_named(Team).filter(members=user).values_list("pk", "name"),
    )
    lists = {name: [_Entry(key, label, key) for key, label in found[name]] for name in _NAMED}
    lists |= {name: [_Entry(*row) for row in found[name]] for name in TREES}
    people = [(str(user.get_username()), display_name(user)) for user in found["assignee"]]
    people.sort(key=lambda person: person[1].casefold())
    lists["assignee"] = [_Entry(key, str(label), key) for key, label in (*WHO, *people)]
    return lists, [(str(pk), name) for pk, name in found["own_teams"]]


def _named(model: Any) -> Any:
    return model.objects.active().order_by("rank" if model is Priority else "position", "name")


def _people() -> Any:
    """Those who hold a role in case management."""
    holders = Membership.objects.order_by().values("user")
    return get_user_model()._default_manager.filter(is_active=True, pk__in=holders)[: MOST_OPTIONS + 1]
