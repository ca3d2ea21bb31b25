"""The views behind the set-up screens in Wagtail: its generic views, started from the rows that the reader may see."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import RedirectView, View
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from case_management.access.setting_up import may_set_up
from case_management.models import Settings
from case_management.ui.setup.ledgers import retry, retryable
from case_management.ui.setup.merging import may_merge
from case_management.ui.setup.places import may_order
from case_management.ui.setup.removal import Removal, delete_unless_used
from case_management.ui.setup.screen import Column
from case_management.ui.setup.usage import uses_of
from case_management.ui.shell import URL_NAMESPACE
from case_management.ui.wagtail.of_screen import OfScreen


class List(OfScreen, generic.IndexView):
    """The list, with what it is for above it."""

    template_name = "case_management/setup/wagtail_list.html"

    def get_base_queryset(self) -> Any:
        """Rows of the reader."""
        return self.rows()

    @cached_property
    def columns(self) -> list[Any]:
        """The first column is the link, also where it is computed."""
        first = self.screen.columns[0]
        columns = list(super().columns)
        if isinstance(first, Column):
            link = self._get_title_column_class(TitleColumn)
            columns[0] = link(first.name, label=first.label, accessor=first.value, get_url=self._link)
        for column in columns[2:]:
            column.classname = "cm-beyond"  # left out on phones
        return columns

    def get_edit_url(self, instance: Any) -> str | None:
        """The form of an entry within reach."""
        return super().get_edit_url(instance) if self.set_up.may("change", instance) else None

    def get_delete_url(self, instance: Any) -> str | None:
        """The page that deletes an entry within reach."""
        return super().get_delete_url(instance) if self.set_up.may("delete", instance) else None

    def _link(self, entry: Any) -> str:
        return str(self.get_edit_url(entry) or self.get_inspect_url(entry))

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        """Trees grow from where one stands; dead letters get another try."""
        buttons = list(super().get_list_more_buttons(instance))
        if self.screen.is_tree and self.add_url:
            below = f"{self.add_url}?parent={instance.pk}"
            buttons.append(Button(_("Add below"), url=below, icon_name="plus", priority=15))
        if self.may_retry():
            url = reverse(self.name("retry"), args=[instance.pk])
            buttons.append(Button(_("Retry"), url=url, icon_name="rotate", priority=15))
        return buttons

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """All dead letters at once."""
        buttons = list(super().header_more_buttons)
        if self.may_retry():
            buttons.append(Button(_("Retry what failed"), url=reverse(self.name("retry_all")), icon_name="rotate"))
        for label, name in self.screen.besides:
            buttons.append(Button(label, url=reverse(f"{URL_NAMESPACE}:{name}"), icon_name=self.screen.icon))
        return buttons

    @property
    def order_url(self) -> str:
        """Where the list is put in order; empty for those who may not."""
        may = may_order(self.request.user, self.screen.model)
        return reverse(f"{URL_NAMESPACE}:entry_order", args=[self.screen.name]) if may else ""


class Add(OfScreen, generic.CreateView):
    """A new entry."""

    def get_form_class(self) -> Any:
        """The form, for this person."""
        return self.form_class.acted_on_by(self.request.user)

    def get_initial(self) -> dict[str, Any]:
        """Below which node, when the address says so."""
        parent = self.request.GET.get("parent", "")
        return {"parent": parent} if self.screen.is_tree and parent.isdecimal() else {}


class Edit(OfScreen, generic.EditView):
    """An entry's form, with what it is used by."""

    template_name = "case_management/setup/wagtail_edit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counts as far as the reader sees them."""
        uses = uses_of(self.object, self.request.user, self.screen.parts)
        links = {"uses": uses, "list_url": reverse(f"{URL_NAMESPACE}:list")}
        links["drafts"] = [
            (label, reverse(f"{URL_NAMESPACE}:{name}", args=[self.object.pk])) for label, name in self.screen.drafts
        ]
        return {**super().get_context_data(**kwargs), **links}

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """The way to merging, where the list has it."""
        buttons = list(super().header_more_buttons)
        if may_merge(self.request.user, self.screen.model):
            url = reverse(f"{URL_NAMESPACE}:entry_merge", args=[self.screen.name, self.object.pk])
            buttons.append(Button(_("Merge into another"), url=url, icon_name="resubmit"))
        for label, name in self.screen.beyond:
            url = reverse(f"{URL_NAMESPACE}:{name}", args=[self.object.pk])
            buttons.append(Button(label, url=url, icon_name=self.screen.icon))
        return buttons

    def get_queryset(self) -> Any:
        """Rows of the reader."""
        return self.rows()

    def get_object(self, queryset: Any = None) -> Any:
        """The row, or the settings."""
        return self.require("change", self.row(self.object_pk))

    def get_form_class(self) -> Any:
        """The form, for this person."""
        return self.form_class.acted_on_by(self.request.user)


class Details(OfScreen, generic.InspectView):
    """An entry to read."""

    def get_object(self, queryset: Any = None) -> Any:
        """The row, or 404."""
        return self.row(self.pk)

    def get_fields(self) -> list[Any]:
        """What the screen shows of an entry."""
        return list(self.screen.detail_fields())

    def get_edit_url(self) -> str | None:
        """The form, for those within whose reach the entry is."""
        return super().get_edit_url() if self.set_up.may("change", self.object) else None

    def get_delete_url(self) -> str | None:
        """The page that deletes it, for the same."""
        return super().get_delete_url() if self.set_up.may("delete", self.object) else None

    def get_context_for_field(self, field: str | Column) -> dict[str, Any]:
        """Computed lines come with their label."""
        if isinstance(field, Column):
            return {"label": capfirst(field.label), "value": field.value(self.object), "component": None}
        context: dict[str, Any] = super().get_context_for_field(field)
        if context["value"] is None or context["value"] == "":
            context["value"] = "–"
        return context

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Another try for a dead letter."""
        buttons = list(super().header_more_buttons)
        if self.may_retry():
            url = reverse(self.name("retry"), args=[self.object.pk])
            buttons.append(Button(_("Retry"), url=url, icon_name="rotate"))
        return buttons


class Delete(OfScreen, generic.DeleteView):
    """Deleting, which what is in use refuses."""

    template_name = "case_management/setup/wagtail_delete.html"

    def get_queryset(self) -> Any:
        """Rows of the reader."""
        return self.rows()

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """A row within the reader's reach."""
        return self.require("delete", super().get_object(*args, **kwargs))

    def removal(self) -> Removal:
        """What leans on the entry now."""
        return Removal.of(self.screen, self.object, self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The counts, when there are any."""
        removal = self.removal()
        used = {"removal": removal, "is_protected": True} if removal.uses else {}
        return {**super().get_context_data(**kwargs), **used}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete, or switch off what is in use."""
        removal = self.removal()
        if "deactivate" in request.POST:
            messages.info(request, removal.deactivate())
            return redirect(self.get_success_url())
        done = None if removal.uses else delete_unless_used(lambda: super(Delete, self).post(request, *args, **kwargs))
        return done or self.render_to_response(self.get_context_data(), status=409)


class _HistoryFilters(history.HistoryFilterSet):
    """Without the date picker, whose inline script a strict policy blocks."""

    timestamp = None


class History(OfScreen, history.HistoryView):
    """Who changed the entry."""

    filterset_class = _HistoryFilters

    def get_object(self) -> Any:
        """The row, or 404."""
        return self.row(self.pk)


class ToSingle(OfScreen, RedirectView):
    """The menu's way to the one row there is."""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        """The form, or what it says, for those who only read."""
        may_change = may_set_up(self.request.user, "change", Settings)
        return reverse(self.name("edit" if may_change else "inspect"), args=[1])


class Retry(OfScreen, WagtailAdminTemplateMixin, View):
    """Send one dead row, or all of them, on their way again."""

    template_name = "case_management/setup/wagtail_retry.html"
    header_icon = "rotate"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which rows are meant."""
        super().setup(request, *args, **kwargs)
        if not self.may_retry():
            raise PermissionDenied
        meant = self.rows() if "pk" not in kwargs else self.rows().filter(pk=self.row(kwargs["pk"]).pk)
        self.meant = retryable(meant) if "pk" in kwargs else retryable(meant).dead()

    def get_page_title(self) -> str:
        """What happens here."""
        return _("Retry: %s") % self.screen.model._meta.verbose_name_plural

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """How many rows it would be."""
        back = reverse(self.name("index"))
        return self.render_to_response(self.get_context_data(count=self.meant.count(), back=back))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make them due."""
        count = retry(self.screen, self.meant)
        said = ngettext("%d row is due again.", "%d rows are due again.", count) % count
        messages.success(request, said)
        return redirect(self.name("index"))
