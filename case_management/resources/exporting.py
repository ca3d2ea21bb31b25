"""The export engine of our Resources: import-export's fields and hooks, compiled once and streamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tablib
from import_export.fields import Field

from case_management import conf
from case_management.resources.plan import compile_plan


class StreamedExport:
    """Mixin for a ModelResource; ``fields``, widgets, ``dehydrate_*``, ``get_queryset`` and ``filter_export`` hold.

    Fields that only read a column are compiled; one field with code of its own makes the export go through instances.
    """

    def export_columns(self, names: Sequence[str] | None = None) -> list[Field]:
        """The exported fields in their order; only those named, if names are given."""
        columns: list[Field] = self.get_export_fields(selected_fields=names)  # type: ignore[attr-defined]
        return columns

    def iter_export(
        self, queryset: Any = None, *, export_fields: Sequence[str] | None = None, **kwargs: Any
    ) -> Iterator[list[Any]]:
        """The rows without their header, one at a time, in constant memory."""
        resource: Any = self
        rows = resource.filter_export(resource.get_queryset() if queryset is None else queryset, **kwargs)
        fields = self.export_columns(export_fields)
        plan = compile_plan(self, fields)
        return plan.rows(rows) if plan else self._through_instances(rows, fields, kwargs)

    def _through_instances(self, queryset: Any, fields: list[Field], kwargs: dict[str, Any]) -> Iterator[list[Any]]:
        resource: Any = self
        named = [(field, resource.get_field_name(field)) for field in fields]
        methods = [field.get_dehydrate_method(name) for field, name in named]
        shown = [
            method if callable(method) else getattr(self, method, None) or _own_export(field, kwargs)
            for (field, _name), method in zip(named, methods, strict=True)
        ]
        for instance in queryset.iterator(chunk_size=conf.chunk_size()):
            yield [show(instance) for show in shown]

    def export(self, queryset: Any = None, **kwargs: Any) -> tablib.Dataset:
        """The whole table in memory, for callers that want a Dataset."""
        resource: Any = self
        resource.before_export(queryset, **kwargs)
        names = kwargs.pop("export_fields", None)
        headers = [field.column_name for field in self.export_columns(names)]
        dataset = tablib.Dataset(headers=headers)
        for row in self.iter_export(queryset, export_fields=names, **kwargs):
            dataset.append(row)
        resource.after_export(queryset, dataset, **kwargs)
        return dataset


def _own_export(field: Field, kwargs: dict[str, Any]) -> Any:
    return lambda instance: field.export(instance, **kwargs)
