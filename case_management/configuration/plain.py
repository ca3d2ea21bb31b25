"""Entries as plain values, and back: relations by name, texts of several lines as lists of lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from case_management.configuration.kind import Kind, Part, called_by, portable_fields

Plain = dict[str, Any]


def plain_entry(kind: Kind, entry: Any) -> Plain:
    """One entry as it stands in the file."""
    found = {field.name: _plain(field, entry, kind) for field in kind.fields()}
    if kind.is_tree:
        above = entry.get_parent()
        found["parent"] = getattr(above, kind.identity[0]) if above else None
    return found | {part.relation: _plain_part(part, entry) for part in kind.parts}


def _plain_part(part: Part, entry: Any) -> list[Plain]:
    manager = getattr(entry, part.relation)
    rows = manager.order_by(part.identity)
    return [{field.name: _plain(field, row) for field in part_fields(entry, part)} for row in rows]


def part_fields(entry: Any, part: Part) -> list[Any]:
    """The fields of a part's rows, without the one that points to the entry."""
    relation = entry._meta.get_field(part.relation)
    return list(portable_fields(relation.related_model, frozenset({relation.field.name})))


def _plain(field: Any, entry: Any, kind: Kind | None = None) -> Any:
    if field.many_to_many:
        return sorted(getattr(entry, field.name).values_list(called_by(field.related_model), flat=True))
    value = getattr(entry, field.name)
    if field.is_relation:
        return getattr(value, called_by(field.related_model)) if value is not None else None
    if isinstance(field, models.JSONField):
        return kind.to_plain(field.name, value) if kind and kind.to_plain else value
    if isinstance(value, str) and "\n" in value and isinstance(field, models.TextField):
        return value.split("\n")
    return value.isoformat() if isinstance(value, (date, datetime, time)) else _number(value)


def _number(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def read_value(field: Any, value: Any, kind: Kind | None = None) -> Any:
    """What the file says for a field, as the model wants it. Raises ValidationError that says what is wrong."""
    if field.many_to_many:
        return _read_many(field, value)
    if field.is_relation:
        return _read_one(field, value)
    if isinstance(field, models.JSONField):
        return kind.from_plain(field.name, value) if kind and kind.from_plain else value
    if isinstance(field, models.TextField) and isinstance(value, list):
        if not all(isinstance(line, str) for line in value):
            raise ValidationError(_("Give a text, or a list of its lines."))
        return "\n".join(value)
    _require_type(field, value)
    return field.to_python(value)


def _require_type(field: Any, value: Any) -> None:
    if value is None and not field.null:
        raise ValidationError(_("Give a value; null is none."))
    if isinstance(field, models.BooleanField) and not isinstance(value, bool):
        raise ValidationError(_("Write true or false."))
    if isinstance(field, models.IntegerField) and (isinstance(value, bool) or not isinstance(value, int | None)):
        raise ValidationError(_("Write a whole number, without quotation marks."))
    if isinstance(field, models.DateField) and not isinstance(value, str | None):
        raise ValidationError(_("Write a day such as “2026-12-25”."))
    if isinstance(field, models.CharField | models.TextField) and not isinstance(value, str | None):
        raise ValidationError(_("Write a text in quotation marks."))


def _read_one(field: Any, value: Any) -> Any:
    if value is None:
        if not field.null:
            raise ValidationError(_("Name an entry of “%s”.") % field.related_model._meta.verbose_name_plural)
        return None
    return _named(field.related_model, [value])[0]


def _read_many(field: Any, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValidationError(_("Give a list of names; [] is none."))
    return _named(field.related_model, value)


def _named(model: Any, names: list[Any]) -> list[Any]:
    """The entries of these names, in one query. Raises ValidationError that names the first that is missing."""
    attribute = called_by(model)
    wanted = [str(name) for name in names]
    known = {getattr(row, attribute): row for row in model._default_manager.filter(**{f"{attribute}__in": wanted})}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ValidationError(
            _("There is no entry “%(name)s” in “%(list)s”; add it to the file, or name one that is there.")
            % {"name": missing[0], "list": model._meta.verbose_name_plural}
        )
    return [known[name] for name in wanted]


def named_in(kind: Kind, entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """What an entry of the file is called by."""
    return tuple(entry.get(name) for name in kind.identity)
