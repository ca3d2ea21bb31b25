"""The set-up screens in the Wagtail admin: one view set per screen, generated from the shared description."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.forms.models import modelform_factory
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import ModelAdminURLFinder, register_admin_url_finder
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.ui.tables import Column as TableColumn
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from case_management.ui.setup.screen import Column, Screen, Section
from case_management.ui.setup.screens import SECTIONS
from case_management.ui.wagtail import setup_views as views


class SetupViewSet(ModelViewSet):
    """Addresses and views of one screen, at ``/admin/case-setup/<model>/``."""

    index_view_class = views.List
    add_view_class = views.Add
    edit_view_class = views.Edit
    delete_view_class = views.Delete
    inspect_view_class = views.Details
    history_view_class = views.History
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50

    def __init__(self, screen: Screen) -> None:
        super().__init__(
            f"case_setup_{screen.name}",
            screen=screen,
            model=screen.model,
            icon=screen.icon,
            url_prefix=f"case-setup/{screen.name}",
            list_display=[_list_column(screen, column) for column in screen.columns],
            list_filter=screen.filters or None,
            search_fields=screen.search,
            ordering=screen.ordering or ModelViewSet.UNDEFINED,
        )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Each view knows its screen; what a screen does not offer has no address."""
        common = super().get_common_view_kwargs(screen=self.screen, **kwargs)
        missing = ["usage_url_name"]
        if self.screen.is_ledger:
            missing += ["add_url_name", "edit_url_name", "delete_url_name", "history_url_name"]
        if self.screen.is_single:
            missing += ["add_url_name", "delete_url_name"]
        return common | dict.fromkeys(missing)

    def get_form_class(self, for_update: bool = False) -> Any:
        """The shared form; many-to-many fields become ticks, which need neither a script nor the Ctrl key."""
        if self.screen.form is None:
            return None
        many: Any = {field.name: forms.CheckboxSelectMultiple for field in self.model._meta.many_to_many}
        own = getattr(self.screen.form._meta, "widgets", None) or {}
        return modelform_factory(self.model, form=self.screen.form, widgets={**own, **many})

    def get_urlpatterns(self) -> list[URLPattern]:
        """Only what the screen offers."""
        offered = {"index", "index_results", "inspect"}
        if not self.screen.is_ledger:
            offered |= {"add", "edit", "delete", "history", "history_results"}
        if self.screen.is_single:
            offered -= {"add", "delete"}
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name in offered]
        if self.screen.is_single:
            patterns[0] = path("", self.construct_view(views.ToSingle), name="index")
        if self.screen.revive:
            patterns += [
                path("retry/", self.construct_view(views.Retry), name="retry_all"),
                path("retry/<int:pk>/", self.construct_view(views.Retry), name="retry"),
            ]
        return patterns

    def register_admin_url_finder(self) -> None:
        """Wagtail's reports link to the form, or, for what has none, to the details."""
        if not self.screen.is_ledger:
            register_admin_url_finder(
                self.model, type("_Finder", (ModelAdminURLFinder,), {"edit_url_name": self.get_url_name("edit")})
            )


def _list_column(screen: Screen, column: str | Column) -> Any:
    """A column as Wagtail's tables want it; the first one, by name, becomes the link."""
    if isinstance(column, Column):
        return TableColumn(column.name, label=column.label, accessor=column.value, sort_key=column.order or None)
    field = None if column == "__str__" else screen.model._meta.get_field(column)
    if isinstance(field, models.BooleanField):
        return BooleanColumn(column, label=capfirst(field.verbose_name), sort_key=column)
    return column


class SectionGroup(ViewSetGroup):
    """One heading of the menu with its screens."""

    add_to_admin_menu = False

    def __init__(self, section: Section) -> None:
        self.menu_label, self.menu_icon, self.menu_name = section.label, section.icon, f"case-setup-{section.name}"
        self.items = tuple(SetupViewSet(screen) for screen in section.screens)
        super().__init__()


class SetupGroup(ViewSetGroup):
    """“Case set-up” in the menu, shown to those who may open one of its screens."""

    menu_label = _("Case set-up")
    menu_icon = "cogs"
    menu_name = "case-setup"
    menu_order = 160

    def __init__(self) -> None:
        self.items = tuple(SectionGroup(section) for section in SECTIONS)
        super().__init__()
