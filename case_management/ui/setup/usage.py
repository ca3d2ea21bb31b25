"""What still leans on an entry: rows that point to it, branches below it, live rules that name it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from case_management.models import CaseType, Priority, Rule, Source, Tag, Team, Topic, Unit

#: What rules call the entries of a list; their own lists are named by key, units by number.
_NAMED_AS: dict[type[models.Model], tuple[str, ...]] = {
    Topic: ("topic",),
    CaseType: ("case_type",),
    Priority: ("priority",),
    Source: ("source",),
    Tag: ("tag", "tags"),
    Team: ("team",),
    Unit: ("unit", "unit_number"),
}


@dataclass(frozen=True)
class Use:
    """So many rows of one kind."""

    count: int
    label: str

    def __str__(self) -> str:
        return f"{self.count} {self.label}"


def uses_of(entry: models.Model, parts: Collection[type[models.Model]] = ()) -> list[Use]:
    """Everything that leans on ``entry``, counted; ``parts`` belong to it and do not count."""
    found = [
        _counted(relation, entry) for relation in _relations_to(type(entry)) if relation.related_model not in parts
    ]
    found += [_use(type(entry)._meta, getattr(entry, "numchild", 0)), _use(Rule._meta, len(rules_naming(entry)))]
    return [use for use in found if use.count]


def _relations_to(model: type[models.Model]) -> Iterator[Any]:
    """Reverse relations; a many-to-many counts once, by its far end and not by its table in between."""
    reverse = [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel) and not relation.related_model._meta.auto_created
    ]
    between = {relation.through for relation in reverse if isinstance(relation, models.ManyToManyRel)}
    return (relation for relation in reverse if relation.related_model not in between)


def _counted(relation: Any, entry: models.Model) -> Use:
    rows = relation.related_model._base_manager.filter(**{relation.field.name: entry})
    return _use(relation.related_model._meta, rows.count())


def _use(opts: Any, count: int) -> Use:
    return Use(count, str(opts.verbose_name if count == 1 else opts.verbose_name_plural))


def refusal(entry: models.Model) -> str:
    """Why ``entry`` cannot be deleted; the counts follow as a list."""
    return _("“%s” is in use and cannot be deleted. It is used by:") % entry


def rules_naming(entry: models.Model) -> list[Rule]:
    """Live rules whose conditions or actions name ``entry``; they would fail without it."""
    names = _NAMED_AS.get(type(entry), ())
    value = getattr(entry, "number" if isinstance(entry, Unit) else "key", "")
    wanted = {(name, value) for name in names}
    if not wanted:
        return []
    live = Rule.objects.filter(is_active=True)
    return [rule for rule in live if wanted & {*_named(rule.conditions), *_named(rule.actions)}]


def _named(stored: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Pairs of what a rule's JSON asks for and the value it gives, wherever they stand in it."""
    if isinstance(stored, str):
        yield name, stored
    elif isinstance(stored, list):
        for item in stored:
            yield from _named(item, name)
    elif isinstance(stored, dict):
        field = stored.get("field")
        for key, value in stored.items():
            yield from _named(value, str(field) if field and key == "value" else str(key))


def cannot_deactivate(entry: models.Model) -> str:
    """Why ``entry`` has to stay on offer; empty when it may be switched off."""
    if isinstance(entry, Priority) and entry.is_default:
        return _("This is the default priority; make another one the default first.")
    if rules := rules_naming(entry):
        return _("Live rules name this entry: %s. Change or switch them off first.") % ", ".join(map(str, rules))
    return ""
