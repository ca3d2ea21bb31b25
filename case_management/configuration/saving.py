"""Saves one entry: plain rows, nodes of trees, parts, and what is kept in versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from case_management.configuration.kind import Kind, Part, called_by
from case_management.configuration.plain import Plain, part_fields, read_value
from case_management.models import Settings

#: What full_clean would ask of a node that is not in its tree yet, and what nobody types.
_TREE = ("path", "depth", "numchild")


class EntryRefused(Exception):
    """An entry cannot be saved: (field, message) of each reason."""

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        super().__init__(str(reasons))
        self.reasons = list(reasons)


def find(kind: Kind, entry: Mapping[str, Any]) -> Any:
    """The entry that is stored under the same name, or None."""
    if not kind.identity:
        return Settings.load()
    lookup = {_lookup(kind, name): entry.get(name) for name in kind.identity if entry.get(name) is not None}
    empty = {f"{name}__isnull": True for name in kind.identity if entry.get(name) is None}
    return kind.rows(kind.model).filter(**lookup, **empty).first()


def _lookup(kind: Kind, name: str) -> str:
    field: Any = kind.model._meta.get_field(name)
    return f"{name}__{called_by(field.related_model)}" if field.is_relation else name


def save_entry(kind: Kind, stored: Any, changed: Plain, by: Any) -> Any:
    """Write ``changed`` (field → plain value) to the stored entry, or to a new one; returns what is current then.

    Raises EntryRefused or ValidationError.
    """
    values = _read(kind, changed)
    many = {field.name for field in kind.model._meta.many_to_many}
    entry = kind.model() if stored is None else find_again(kind, stored)
    for name, value in values.items():
        if name not in many:
            setattr(entry, name, value)
    kind.check(entry, stored, by)
    entry = _store(kind, entry, stored, changed)
    for name in many & values.keys():
        getattr(entry, name).set(values[name])
    for part in kind.parts:
        if part.relation in changed:
            _save_part(part, entry, changed[part.relation])
    kind.follow(entry, stored, by)
    return kind.model._default_manager.get(pk=entry.pk)


def _read(kind: Kind, changed: Plain) -> dict[str, Any]:
    fields = {field.name: field for field in kind.fields()}
    values, reasons = {}, []
    for name in changed.keys() & fields.keys():
        try:
            values[name] = read_value(fields[name], changed[name], kind)
        except ValidationError as error:
            reasons.append((name, " ".join(error.messages)))
    if reasons:
        raise EntryRefused(reasons)
    return values


def find_again(kind: Kind, stored: Any) -> Any:
    """A second copy of the stored entry, so that the first still says how it was; settings may not be stored yet."""
    return kind.model._default_manager.filter(pk=stored.pk).first() or stored


def _store(kind: Kind, entry: Any, stored: Any, changed: Plain) -> Any:
    versions = kind.versions
    if versions and stored is None:
        entry.version = _newest(kind, entry) + 1
    elif versions and set(changed) - versions.free and versions.is_published(stored):
        versions.retire(stored, entry)
        entry.pk, entry.version, entry._state.adding = None, _newest(kind, entry) + 1, True
    if not kind.is_tree:
        entry.full_clean()
        entry.save()
        return entry
    entry.full_clean(exclude=_TREE)
    return _store_node(kind, entry, stored, changed)


def _newest(kind: Kind, entry: Any) -> int:
    """Beside what the file names there may be a draft of the same key."""
    return kind.model._default_manager.filter(key=entry.key).aggregate(newest=Max("version"))["newest"] or 0


def _store_node(kind: Kind, node: Any, stored: Any, changed: Plain) -> Any:
    parent = _parent(kind, changed.get("parent"))
    model: Any = kind.model
    if stored is None:
        return parent.add_child(instance=node) if parent else model.add_root(instance=node)
    if parent is not None and parent.path.startswith(node.path):
        raise EntryRefused([("parent", _("A node cannot hang below itself."))])
    node.save()
    if "parent" in changed or set(node.node_order_by or ()) & set(changed):
        above = parent if "parent" in changed else node.get_parent()
        place = "sorted" if node.node_order_by else "last"
        if above:
            node.move(above, f"{place}-child")
        else:
            node.move(model.get_first_root_node(), f"{place}-sibling")
    return model._default_manager.get(pk=node.pk)


def _parent(kind: Kind, name: Any) -> Any:
    if name is None:
        return None
    found = kind.model._default_manager.filter(**{kind.identity[0]: str(name)}).first()
    if found is None:
        raise EntryRefused([("parent", _("There is no “%s”; it has to be in the file, or here.") % name)])
    return found


def save_order(kind: Kind, entries: Sequence[Plain]) -> tuple[list[str], list[str]] | None:
    """Put siblings in the order of the file, where the tree keeps no order itself; both orders if they differed."""
    model: Any = kind.model
    if model.node_order_by:
        return None
    name = kind.identity[0]
    wanted = [str(entry[name]) for entry in entries]
    before = _standing(model, name, wanted)
    if before == wanted:
        return None
    for key in wanted:
        node = model._default_manager.get(**{name: key})
        node.move(node.get_parent() or model.get_last_root_node(), "last-child" if node.depth > 1 else "last-sibling")
    after = _standing(model, name, wanted)
    return (before, after) if before != after else None


def _standing(model: Any, name: str, wanted: Sequence[str]) -> list[str]:
    rows = model._default_manager.filter(**{f"{name}__in": wanted}).order_by("path")
    return list(rows.values_list(name, flat=True))


def _save_part(part: Part, entry: Any, rows: Any) -> None:
    """Rows that the file does not name go; those that are the same are left alone."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EntryRefused([(part.relation, _("Give a list of entries, each in braces."))])
    relation = entry._meta.get_field(part.relation)
    fields = {field.name: field for field in part_fields(entry, part)}
    known = {getattr(row, part.identity): row for row in getattr(entry, part.relation).all()}
    kept = set()
    for row in rows:
        values = _read_part(part, fields, row)
        stored = known.get(values.get(part.identity))
        child = stored or relation.related_model(**{relation.field.name: entry})
        if stored is None or any(getattr(child, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(child, name, value)
            _clean_part(part, child, row)
            child.save()
        kept.add(child.pk)
    for row in known.values():
        if row.pk not in kept:
            row.delete()


def _read_part(part: Part, fields: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    where = f"{part.relation} {row.get(part.identity, '?')}"
    if unknown := [name for name in row if name not in fields]:
        message = _("There is no such field. Known: %s.") % ", ".join(fields)
        raise EntryRefused([(f"{where} {name}", message) for name in unknown])
    try:
        return {name: read_value(fields[name], value) for name, value in row.items()}
    except ValidationError as error:
        raise EntryRefused([(where, " ".join(error.messages))]) from error


def _clean_part(part: Part, child: Any, row: Mapping[str, Any]) -> None:
    try:
        child.full_clean()
    except ValidationError as error:
        raise EntryRefused([(f"{part.relation} {row.get(part.identity, '?')}", " ".join(error.messages))]) from error
