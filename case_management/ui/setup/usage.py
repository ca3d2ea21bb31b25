"""What still leans on an entry: rows that point to it, branches below it, live rules that name it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.access.roles import holds_everywhere
from case_management.models import (
    Alert,
    AssignmentChain,
    AssignmentDecision,
    Case,
    CaseNote,
    CaseType,
    CustomField,
    Interaction,
    Membership,
    Message,
    Priority,
    Rule,
    RuleFiring,
    SavedView,
    Source,
    Tag,
    Team,
    Topic,
    Unit,
    WaitingCase,
)
from case_management.models.custom_lookup import is_filled

#: What rules call the entries of a list; their own lists are named by key, units by number.
_NAMED_AS: dict[type[models.Model], tuple[str, ...]] = {
    Topic: ("topic",),
    CaseType: ("case_type",),
    Priority: ("priority",),
    Source: ("source",),
    Tag: ("tag", "tags", "contact_tags"),
    Team: ("team",),
    AssignmentChain: ("chain",),
    Unit: ("unit", "unit_number"),
}
#: Rows of which people see but a part: their numbers would tell of the others.
BY_ROW = (
    Alert, AssignmentDecision, Case, CaseNote, Interaction, Membership, Message, RuleFiring, SavedView, WaitingCase,
)  # fmt: skip
#: What the list of cases calls its filter for the entries of a list, and by what they are named there.
_FILTERS: dict[type[models.Model], tuple[str, str]] = {
    Topic: ("topic", "key"),
    CaseType: ("type", "key"),
    Priority: ("priority", "key"),
    Source: ("source", "key"),
    Tag: ("tag", "key"),
    Team: ("team", "key"),
    Unit: ("unit", "number"),
}


@dataclass(frozen=True)
class Use:
    """So many rows of one kind; ``query`` is the list of cases that it counts.

    ``count`` is None where the reader may know that there are some, but not how many.
    """

    count: int | None
    label: str
    query: str = ""

    def __str__(self) -> str:
        return self.label if self.count is None else f"{self.count} {self.label}"


def uses_of(entry: models.Model, user: Any, parts: Collection[type[models.Model]] = ()) -> list[Use]:
    """Everything that leans on ``entry``, counted as far as ``user`` sees it; ``parts`` belong to it and do not count.

    Never empty while something leans on the entry, whoever asks.
    """
    relations = [relation for relation in _relations_to(type(entry)) if relation.related_model not in parts]
    sees_all = holds_everywhere(user, "view_case")
    found = [use for relation in relations for use in _counted(relation, entry, user, sees_all=sees_all)]
    if isinstance(entry, CustomField):
        found += _filled(entry, user, sees_all=sees_all)
    found += [_use(type(entry)._meta, getattr(entry, "numchild", 0)), _use(Rule._meta, len(rules_naming(entry)))]
    return [use for use in found if use.count != 0]


def case_query(entry: models.Model) -> str:
    """The parameters of the list of the cases that carry ``entry``; empty where no filter says exactly this."""
    if getattr(entry, "numchild", 0):  # the filter stands for the whole branch
        return ""
    name, attribute = _FILTERS.get(type(entry), ("", ""))
    return urlencode({name: getattr(entry, attribute)}) if name else ""


def _relations_to(model: type[models.Model]) -> Iterator[Any]:
    """Reverse relations; a many-to-many counts once, by its far end and not by its table in between."""
    reverse = [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel) and not relation.related_model._meta.auto_created
    ]
    between = {relation.through for relation in reverse if isinstance(relation, models.ManyToManyRel)}
    return (relation for relation in reverse if relation.related_model not in between)


def _counted(relation: Any, entry: models.Model, user: Any, *, sees_all: bool) -> Iterator[Use]:
    rows = relation.related_model._base_manager.filter(**{relation.field.name: entry})
    opts = relation.related_model._meta
    if sees_all or relation.related_model not in BY_ROW:
        query = case_query(entry) if relation.related_model is Case else ""
        yield _use(opts, rows.count(), query)
        return
    seen = 0
    if relation.related_model is Case:
        seen = visible_to(user).filter(**{relation.field.name: entry}).count()
        yield _use(opts, seen, case_query(entry))
    if rows.count() > seen:
        yield Use(None, _("%s that you may not see") % opts.verbose_name_plural)


def _filled(entry: CustomField, user: Any, *, sees_all: bool) -> Iterator[Use]:
    """Cases in which a custom field has a value."""
    rows = Case.objects.filter(is_filled(entry))
    seen = (rows if sees_all else visible_to(user).filter(is_filled(entry))).count()
    yield _use(Case._meta, seen)
    if not sees_all and rows.count() > seen:
        yield Use(None, _("%s that you may not see") % Case._meta.verbose_name_plural)


def _use(opts: Any, count: int, query: str = "") -> Use:
    return Use(count, str(opts.verbose_name if count == 1 else opts.verbose_name_plural), query)


def refusal(entry: models.Model) -> str:
    """Why ``entry`` cannot be deleted; the counts follow as a list."""
    return _("“%s” is in use and cannot be deleted. It is used by:") % entry


def rules_naming(entry: models.Model) -> list[Rule]:
    """Live rules whose conditions or actions name ``entry``; they would fail without it."""
    names = _NAMED_AS.get(type(entry), ())
    value = getattr(entry, "number" if isinstance(entry, Unit) else "key", "")
    wanted = {(name, value) for name in names}
    if isinstance(entry, CustomField):
        wanted = {("field", f"custom.{entry.key}")}
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
