"""One Resource per list that the organisation makes its own, generated; trees carry the key of each entry's parent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource, modelresource_factory
from import_export.widgets import ForeignKeyWidget

from case_management.access import visible_units
from case_management.exceptions import RowInvalid
from case_management.models import (
    CaseType,
    CloseChannel,
    ClosureReason,
    NoteSubject,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Source,
    Tag,
    TagCategory,
    Team,
    Topic,
    Unit,
)
from case_management.resources.columns import Beside, Loader
from case_management.resources.exporting import StreamedExport

NAMED = ("key", "name", "description", "position", "is_active")
#: Model → exported columns; the first one knows an entry again.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    CaseType: (*NAMED, "requires_resolution_method", "requires_close_channel"),
    CloseChannel: NAMED,
    ClosureReason: NAMED,
    NoteSubject: NAMED,
    Priority: (*NAMED, "rank", "is_default"),
    ReopenReason: NAMED,
    ResolutionMethod: NAMED,
    Source: (*NAMED, "kind", "after_resolve", "reopen_days"),
    Tag: (*NAMED, "category"),
    TagCategory: NAMED,
    Team: NAMED,
    Topic: ("key", "name", "parent", "description", "is_active"),
    Unit: ("number", "name", "parent", "timezone", "is_active"),
}
PARENT = "parent"


class TaxonomyResource(StreamedExport, ModelResource):
    """Base of the generated Resources; a host may use them with import-export as it likes."""

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        """``user`` is the person who asks; a unit's rows are those that the person may export."""
        super().__init__(**kwargs)
        self.user = user

    def get_queryset(self) -> Any:
        """Every entry; of units, those of the person."""
        if self._meta.model is Unit and self.user is not None:
            return visible_units(self.user, "export_case")
        return self._meta.model._default_manager.all()

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        """A new branch of a tree grows at its parent."""
        if not is_create or not hasattr(instance, "add_child"):
            super().do_instance_save(instance, is_create)
            return
        parent = getattr(instance, "_imported_parent", None)
        if parent is None:
            self._meta.model.add_root(instance=instance)
        else:
            parent.add_child(instance=instance)

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Find the parent that the row names."""
        name = str(row.get(PARENT) or "").strip()
        if name and hasattr(instance, "add_child"):
            key = COLUMNS[self._meta.model][0]
            instance._imported_parent = self._meta.model._default_manager.filter(**{key: name}).first()
            if instance._imported_parent is None:
                raise RowInvalid(_("There is no parent “%s”. Put its row above this one.") % name, column=PARENT)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """The database's own sequences are right; setting them back would race with others."""


def _parents(model: Any) -> Loader:
    """Entry id → key of its parent."""
    key, step = COLUMNS[model][0], int(model.steplen)

    def load(ids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
        paths = dict(model._default_manager.filter(pk__in=list(ids)).values_list("pk", "path"))
        wanted = {path[:-step] for path in paths.values()}
        keys = dict(model._default_manager.filter(path__in=wanted).values_list("path", key))
        return {pk: (keys.get(path[:-step]),) for pk, path in paths.items()}

    return load


def _generate(model: type[Model], columns: tuple[str, ...]) -> type[TaxonomyResource]:
    own: dict[str, Field] = {}
    if PARENT in columns:
        own[PARENT] = Beside(_parents(model))
    if "category" in columns:
        own["category"] = Field("category", "category", ForeignKeyWidget(TagCategory, "key"))
    options = {"fields": columns, "export_order": columns, "import_id_fields": columns[:1]}
    made: type[TaxonomyResource] = modelresource_factory(model, TaxonomyResource, options, own)
    return made


#: Model → its Resource.
TAXONOMIES: dict[type[Model], type[TaxonomyResource]] = {
    model: _generate(model, columns) for model, columns in COLUMNS.items()
}
