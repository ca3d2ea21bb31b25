"""The set-up screens in a Django admin site: one model admin per screen, generated from the shared description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from case_management.access.setting_up import SetUp
from case_management.models import Settings
from case_management.ui.setup.ledgers import RETRY_RIGHT, retry
from case_management.ui.setup.merging import may_merge
from case_management.ui.setup.places import may_order
from case_management.ui.setup.removal import Removal, delete_unless_used
from case_management.ui.setup.screen import Column, Screen
from case_management.ui.setup.screens import SCREENS
from case_management.ui.setup.usage import uses_of
from case_management.ui.shell import URL_NAMESPACE


class ScreenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What every screen has in common; :func:`register_setup` makes a subclass for each."""

    screen: Screen
    change_list_template = "case_management/setup/django_list.html"
    show_full_result_count = False
    list_per_page = 50
    actions_selection_counter = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """The rows that the reader may see."""
        rows = self.screen.rows_for(request.user)
        return rows.order_by(*self.ordering) if self.ordering else rows

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with what it is for above it."""
        more = {"cm_help": self.screen.help_text}
        if may_order(request.user, self.model):
            name = f"{self.admin_site.name}:{URL_NAMESPACE}:entry_order"
            more["cm_order_url"] = reverse(name, args=[self.screen.name])
        pages = f"{self.admin_site.name}:{URL_NAMESPACE}"
        more["cm_besides"] = [(label, reverse(f"{pages}:{name}")) for label, name in self.screen.besides]
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def get_list_display(self, request: HttpRequest) -> Any:
        """The screen's columns; trees grow from where one stands."""
        columns = [_shown(column) for column in self.screen.columns]
        return [*columns, self._add_below()] if self.screen.is_tree and self.has_add_permission(request) else columns

    def _add_below(self) -> Callable[[Any], str]:
        opts = self.model._meta
        add = reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_add")
        link = gettext_lazy("Add below")

        @admin.display(description="")
        def add_below(node: Any) -> str:
            text, about = '<a href="{}?parent={}" aria-label="{}: {}">{}</a>', str(node)
            return format_html(text, add, node.pk, link, about, link)

        return add_below

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without “delete selected”: entries are deleted one by one, when nothing leans on them."""
        actions: dict[str, Any] = super().get_actions(request)
        return {name: action for name, action in actions.items() if name != "delete_selected"}


def _set_up(request: HttpRequest) -> SetUp:
    """What the reader may set up, read once per request: the admin's menu asks for every list."""
    known: SetUp | None = getattr(request, "case_management_set_up", None)
    if known is None:
        known = SetUp(request.user)
        request.case_management_set_up = known  # type: ignore[attr-defined]
    return known


class EntryAdmin(ScreenAdmin):
    """A screen with a form."""

    change_form_template = "case_management/setup/django_change.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the reader's right to add reaches some entry."""
        return _set_up(request).may("add", self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the right to change reaches the entry."""
        return _set_up(request).may("change", obj or self.model)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the right to delete reaches the entry."""
        return _set_up(request).may("delete", obj or self.model)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The shared form, for this person."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        return form.acted_on_by(request.user)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With what the entry is used by, and the way to merging where the list has it."""
        entry = self.get_object(request, unquote(object_id))
        more = self._use(request, entry) if entry else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def _use(self, request: HttpRequest, entry: Any) -> dict[str, Any]:
        pages = f"{self.admin_site.name}:{URL_NAMESPACE}"
        context = {"uses": uses_of(entry, request.user, self.screen.parts), "list_url": reverse(f"{pages}:list")}
        for way in ("beyond", "drafts"):
            named = getattr(self.screen, way)
            context[way] = [(label, reverse(f"{pages}:{name}", args=[entry.pk])) for label, name in named]
        if may_merge(request.user, self.model):
            context["merge_url"] = reverse(f"{pages}:entry_merge", args=[self.screen.name, entry.pk])
        return context

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The form saves by itself: trees and versions are more than a row."""
        return form.save()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Done by :meth:`save_form`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Done by :meth:`save_form`."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Delete, or say what leans on the entry and offer to switch it off."""
        entry = self.get_object(request, unquote(object_id))
        if entry is None or not self.has_delete_permission(request, entry):
            return super().delete_view(request, object_id, extra_context)
        removal = Removal.of(self.screen, entry, request.user)
        if "deactivate" in request.POST:
            self.message_user(request, removal.deactivate(), messages.INFO)
            return redirect(self._list_url())
        delete = super().delete_view
        done = None if removal.uses else delete_unless_used(lambda: delete(request, object_id, extra_context))
        return done or self._in_use(request, Removal.of(self.screen, entry, request.user))

    def _list_url(self) -> str:
        opts = self.model._meta
        return reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist")

    def _in_use(self, request: HttpRequest, removal: Removal) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cannot delete %s") % self.model._meta.verbose_name,
            "opts": self.model._meta,
            "object": removal.entry,
            "removal": removal,
            "list_url": self._list_url(),
        }
        status = 409 if request.method == "POST" else 200
        return TemplateResponse(request, "case_management/setup/django_in_use.html", context, status=status)


class SingleAdmin(EntryAdmin):
    """The one row of settings, there before anybody saved it."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The settings in force."""
        return Settings.load()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list of one is its form."""
        opts = self.model._meta
        return redirect(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change", 1)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one already."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is always one."""
        return False


class LedgerAdmin(ScreenAdmin):
    """A screen to read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The machinery writes these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody takes away what happened."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the screen shows of a row."""
        return [_shown(line) for line in self.screen.detail_fields()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of it."""
        return self.get_fields(request, obj)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whether the reader may send dead rows on their way again."""
        return bool(self.screen.revive and request.user.has_perm(RETRY_RIGHT))

    @admin.action(description=gettext_lazy("Retry the selected rows"), permissions=["retry"])
    def retry_selected(self, request: HttpRequest, queryset: Any) -> None:
        """Make them due now; what is done or suppressed stays so."""
        count = retry(self.screen, queryset)
        self.message_user(request, ngettext("%d row is due again.", "%d rows are due again.", count) % count)

    actions = ["retry_selected"]


def _shown(column: str | Column) -> Any:
    """A column as Django's lists want it."""
    if isinstance(column, str):
        return column
    return admin.display(description=capfirst(column.label), ordering=column.order or None)(_copy(column))


def _copy(column: Column) -> Callable[[Any], Any]:
    def value(entry: Any) -> Any:
        return column.value(entry)

    value.__name__ = column.name
    return value


def register_setup(site: admin.AdminSite) -> None:
    """Put every set-up screen into ``site``."""
    for screen in SCREENS:
        base = LedgerAdmin if screen.is_ledger else SingleAdmin if screen.is_single else EntryAdmin
        site.register(screen.model, type(f"{screen.model.__name__}Admin", (base,), _options(screen)))


def _options(screen: Screen) -> dict[str, Any]:
    options: dict[str, Any] = {
        "screen": screen,
        "ordering": screen.ordering or None,
        "list_filter": screen.filters,
        "search_fields": screen.search,
        "filter_horizontal": [field.name for field in screen.model._meta.many_to_many],
        "__module__": __name__,
    }
    if screen.form is not None:
        options["form"] = screen.form
        # Read-only pages look for what the model does not have on the model admin.
        for name, derive in screen.form.derived.items():
            options[name] = staticmethod(_shown(Column(name, screen.form.base_fields[name].label, derive)))
    return options


register_setup(admin.site)
