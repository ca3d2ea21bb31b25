"""What a field of conditions may be compared with, where that is a list: keys and what people call them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import ActorKind
from case_management.domain.events import EVENTS
from case_management.models import Case, Interaction, Tag, Topic, Unit
from case_management.rules.fields import Field, Kind

Pairs = list[tuple[str, str]]
#: More people than this are typed, not chosen.
MOST_PEOPLE = 500
_KINDS = {
    ActorKind.USER: _("person"),
    ActorKind.RULE: _("rule"),
    ActorKind.SYSTEM: _("job"),
    ActorKind.API: _("program"),
    ActorKind.IMPORT: _("import"),
}


def options_of(name: str, field: Field) -> Pairs:
    """Key → label in the list's order; nothing where anything may be typed."""
    name = name.removeprefix("changed.").removeprefix("response.")
    if field.custom is not None and field.custom.option_pairs:
        return [(key, str(label)) for key, label in field.custom.option_pairs]
    if name in _NAMED:
        return list(_NAMED[name]())
    if field.kind in (Kind.CHOICE, Kind.BRANCH):
        return _of_column(field.path)
    return []


def _of_column(path: str) -> Pairs:
    """The rows that a foreign key leads to, or the choices of a column."""
    first, _dots, key = path.partition("__")
    for model in (Case, Interaction):
        try:
            column: Any = model._meta.get_field(first)
        except FieldDoesNotExist:
            continue
        if column.choices:
            return [(str(value), str(label)) for value, label in column.flatchoices]
        if column.related_model is not None and key in ("key", "number"):
            rows = column.related_model._default_manager.all()
            return [(str(getattr(row, key)), str(row)) for row in rows]
    return []


def _tree(model: Any, key: str) -> Callable[[], Iterable[tuple[str, str]]]:
    return lambda: [(str(getattr(row, key)), row.indented()) for row in model.objects.order_by("path")]


def _people() -> Pairs:
    name = get_user_model().USERNAME_FIELD
    rows = list(get_user_model()._default_manager.filter(is_active=True).order_by(name)[: MOST_PEOPLE + 1])
    if len(rows) > MOST_PEOPLE:
        return []
    return [(row.get_username(), row.get_full_name() or row.get_username()) for row in rows]


def _tags() -> Pairs:
    return [(row.key, str(row)) for row in Tag.objects.select_related("category")]


def _choices(column: str) -> Callable[[], Iterable[tuple[str, str]]]:
    return lambda: [(str(key), str(label)) for key, label in Case._meta.get_field(column).flatchoices]  # type: ignore[union-attr]


_NAMED: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "topic": _tree(Topic, "key"),
    "unit": _tree(Unit, "number"),
    "assignee": _people,
    "watchers": _people,
    "done_by": _people,
    "tags": _tags,
    "contact_tags": _tags,
    "event": lambda: sorted(((code, str(event.label)) for code, event in EVENTS.items()), key=lambda pair: pair[1]),
    "done_by_kind": lambda: [(kind.value, str(label)) for kind, label in _KINDS.items()],
    "status": _choices("status"),
    "waiting_for": _choices("waiting_for"),
    "case_type": lambda: _of_column("case_type__key"),
    "priority": lambda: _of_column("priority__key"),
    "team": lambda: _of_column("team__key"),
}
