"""Compiles the fields of a Resource to columns of one query, once per export instead of once per cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from case_management import conf
from case_management.resources.columns import Beside, Loader, Plain

Convert = Callable[[Any], Any]


@dataclass
class Plan:
    """The columns of the query, the loaders beside it, and where each exported value comes from."""

    paths: list[str] = field(default_factory=lambda: ["pk"])
    loaders: list[Loader] = field(default_factory=list)
    #: For each exported column: a position in ``paths``, or (loader, place).
    sources: list[int | tuple[Loader, int]] = field(default_factory=list)
    converts: list[tuple[int, Convert]] = field(default_factory=list)

    def add_column(self, path: str, convert: Convert | None) -> None:
        """One more exported column of the query."""
        if path not in self.paths:
            self.paths.append(path)
        self._show(self.paths.index(path), convert)

    def add_beside(self, exported: Beside) -> None:
        """One more exported column from another table."""
        if exported.loader not in self.loaders:
            self.loaders.append(exported.loader)
        self._show((exported.loader, exported.place), _convert(exported.widget))

    def _show(self, source: int | tuple[Loader, int], convert: Convert | None) -> None:
        if convert is not None:
            self.converts.append((len(self.sources), convert))
        self.sources.append(source)

    def rows(self, queryset: Any) -> Iterator[list[Any]]:
        """The exported rows, in constant memory: a query per loader and chunk, and one for everything else."""
        found, empty = self._pick()
        chunk, size = list[tuple[Any, ...]](), conf.chunk_size()
        for values in queryset.values_list(*self.paths).iterator(chunk_size=size):
            chunk.append(values)
            if len(chunk) == size:
                yield from self._shown(chunk, found, empty)
                chunk = []
        yield from self._shown(chunk, found, empty)

    def _pick(self) -> tuple[Callable[[tuple[Any, ...]], tuple[Any, ...]], list[tuple[None, ...]]]:
        """How a row with the loaders' tuples at its end becomes a row in the order of the columns."""
        widths = [
            1 + max(place for known, place in _besides(self.sources) if known is loader) for loader in self.loaders
        ]
        starts = [len(self.paths) + sum(widths[:index]) for index in range(len(widths))]
        start_of = {id(loader): start for loader, start in zip(self.loaders, starts, strict=True)}
        indices = [
            source if isinstance(source, int) else start_of[id(source[0])] + source[1] for source in self.sources
        ]
        pick = itemgetter(*indices) if len(indices) > 1 else lambda row: (row[indices[0]],)
        return pick, [(None,) * width for width in widths]

    def _shown(self, chunk: list[tuple[Any, ...]], pick: Any, empty: list[tuple[None, ...]]) -> Iterator[list[Any]]:
        ids = [values[0] for values in chunk]
        beside = [(loader(ids), none) for loader, none in zip(self.loaders, empty, strict=True)] if ids else []
        for values in chunk:
            row = values
            for found, none in beside:
                row += found.get(values[0], none)
            shown = list(pick(row))
            for index, convert in self.converts:
                shown[index] = convert(shown[index])
            yield shown


def _besides(sources: Sequence[Any]) -> list[tuple[Loader, int]]:
    return [source for source in sources if not isinstance(source, int)]


def compile_plan(resource: Any, fields: Sequence[Field]) -> Plan | None:
    """The plan for these fields; None where a host's own code must see each instance."""
    plan = Plan()
    for exported in fields:
        if not _is_plain(resource, exported):
            return None
        if isinstance(exported, Beside):
            plan.add_beside(exported)
            continue
        column = _column(resource._meta.model, exported)
        if column is None:
            return None
        plan.add_column(*column)
    return plan


def _is_plain(resource: Any, exported: Field) -> bool:
    """Whether the value is what the attribute and the widget make it, and nothing else."""
    name = resource.get_field_name(exported)
    method = exported.get_dehydrate_method(name)
    if callable(method) or hasattr(resource, method):
        return False
    if isinstance(exported, Beside):
        return True
    own = type(exported)
    return own.export is Field.export and own.get_value is Field.get_value and exported.attribute is not None


def _column(model: type[Model], exported: Field) -> tuple[str, Convert | None] | None:
    widget, attribute = exported.widget, str(exported.attribute)
    if hasattr(widget, "column"):
        compiled: tuple[str, Convert] = widget.column(attribute)
        return compiled
    if isinstance(widget, ForeignKeyWidget):
        stock = type(widget).render is ForeignKeyWidget.render
        if not stock or widget.use_natural_foreign_keys or widget.key_is_id:
            return None
        path = f"{attribute}__{widget.field}"
        return (path, _blank_for_none) if _is_one_value(model, path) else None
    if not _is_one_value(model, attribute):
        return None
    return attribute, _convert(widget)


def _convert(widget: Any) -> Convert | None:
    return None if type(widget).render is Plain.render else widget.render


def _blank_for_none(value: Any) -> Any:
    return "" if value is None else value


def _is_one_value(model: type[Model], path: str) -> bool:
    """Whether the path follows foreign keys to a stored column."""
    current: Any = model
    for name in path.split("__"):
        try:
            step = current._meta.pk if name == "pk" else current._meta.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return False
        if not getattr(step, "concrete", False) or step.many_to_many:
            return False
        current = step.related_model
    return current is None
