"""The page on which an entry of a list is merged into another one: choose, see what would move, confirm."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from case_management.access.roles import holds_everywhere
from case_management.bulk.actions import actions
from case_management.bulk.entries import carriers, replacement_arguments
from case_management.bulk.preview import preview
from case_management.bulk.run import run_now
from case_management.bulk.start import runs_inline, start
from case_management.exceptions import CaseManagementError
from case_management.models import ChangeSet
from case_management.operations import Replacement
from case_management.operations.replace_entry import FACT_OF
from case_management.ui.setup.usage import cannot_deactivate, rules_naming, uses_of
from case_management.ui.shell import Crumb, Page

ACTION = "replace_entry"


def may_merge(user: Any, model: Any) -> bool:
    """Whether ``user`` may merge entries of ``model``: who changes the list and every case, wherever it is."""
    rights = (f"change_{model._meta.model_name}", "change_case")
    return model in FACT_OF and all(holds_everywhere(user, right) for right in rights)


class _EntryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.indented()) if hasattr(obj, "indented") else str(obj)


class MergeForm(forms.Form):
    """Into which entry."""

    into = _EntryField(None, label=gettext_lazy("Merge into"))

    def __init__(self, *args: Any, entry: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = type(entry)._default_manager.filter(is_active=True).exclude(pk=entry.pk)


class MergePage(Page):
    """Without ``into`` it asks for it; with it, it shows what would happen; a POST does it."""

    template_name = "case_management/setup/merge.html"
    permission_required = "case_management.change_case"
    section = ""
    icon = "cogs"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which list is meant."""
        super().setup(request, *args, **kwargs)
        self.model = next((model for model in FACT_OF if model._meta.model_name == kwargs["name"]), None)

    def get_page_title(self) -> str:
        """Names the entry."""
        return _("Merge “%s”") % self.entry

    def get_crumbs(self) -> list[Crumb]:
        """Lists have pages of each admin's own, so the way back is by the link below."""
        return [Crumb(self.get_page_title())]

    @property
    def entry(self) -> Any:
        """The entry that gives way; 404 where there is none, 403 for those who may not merge."""
        if self.model is None:
            raise Http404
        if not may_merge(self.request.user, self.model):
            raise PermissionDenied(_("Ask somebody who may change this list and all cases."))
        if not hasattr(self, "_entry"):
            self._entry = get_object_or_404(self.model._default_manager, pk=self.kwargs["pk"])
        return self._entry

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and what would happen once it is filled in."""
        entry, sent = self.entry, self.request.GET or None
        form = kwargs.pop("form", None) or MergeForm(sent, entry=entry)
        context = {
            "entry": entry,
            "form": form,
            "obstacle": cannot_deactivate(entry),
            "rules": rules_naming(entry),
            "uses": uses_of(entry, self.request.user),
            "list_name": self.kwargs["name"],
            "list_url": self.shell.reverse("list"),
            "back": entry_address(self.shell, entry),
        }
        if form.is_bound and form.is_valid():
            replacement = Replacement(entry, form.cleaned_data["into"])
            selection = carriers(self.request.user, replacement)
            found = preview(actions.get(ACTION), replacement_arguments(replacement), selection)
            context |= {"into": replacement.to, "preview": found}
        return super().get_context_data(**kwargs) | context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Switch the entry off and have its cases carry the other one."""
        entry = self.entry
        form = MergeForm(request.POST, entry=entry)
        expected = request.POST.get("expected", "")
        if not form.is_valid() or not expected.isdecimal() or cannot_deactivate(entry):
            return self.render_to_response(self.get_context_data(form=form), status=422)
        replacement = Replacement(entry, form.cleaned_data["into"])
        try:
            change = merge(replacement, request.user, expected=int(expected))
        except CaseManagementError as error:
            messages.error(request, error.message)
            return redirect(f"{request.path}?into={replacement.to.pk}")
        if runs_inline(change):
            run_now(change)
        messages.success(request, said_of(replacement, change))
        sees_receipt = request.user.has_perm("case_management.view_case")
        return redirect(self.shell.reverse("change", change.pk) if sees_receipt else entry_address(self.shell, entry))


@transaction.atomic
def merge(replacement: Replacement, user: Any, *, expected: int) -> ChangeSet:
    """Switch ``previous`` off, so that no case comes to carry it any more, and start moving those that do."""
    replacement.previous.is_active = False
    replacement.previous.save()
    arguments = replacement_arguments(replacement)
    return start(ACTION, arguments, carriers(user, replacement), expected=expected)


def said_of(replacement: Replacement, change: ChangeSet) -> str:
    """What was done, or is being done."""
    names = {"old": replacement.previous, "new": replacement.to, "count": change.total}
    if change.finished_at is None:
        return _("“%(old)s” is switched off; %(count)d cases are moving to “%(new)s” in the background.") % names
    names["count"] = change.done
    return (
        ngettext(
            "“%(old)s” is switched off; %(count)d case carries “%(new)s” now.",
            "“%(old)s” is switched off; %(count)d cases carry “%(new)s” now.",
            change.done,
        )
        % names
    )


def entry_address(shell: Any, entry: Any) -> str:
    """The form of an entry in the reader's own admin."""
    return str(shell.entry_url(entry._meta.model_name, entry.pk))
