"""The page on which a wide change is filled in, looked at and confirmed."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from case_management import conf
from case_management.access import visible_to
from case_management.bulk.actions import Action, actions, offered_to
from case_management.bulk.preview import Preview, preview
from case_management.bulk.run import run_now
from case_management.bulk.selection import Selection
from case_management.bulk.start import choose_for_export, runs_inline, start
from case_management.exceptions import CaseManagementError, SelectionChanged
from case_management.models import Case, ChangeSet
from case_management.ui.bulk.base_form import BulkForm
from case_management.ui.bulk.forms import FORMS
from case_management.ui.forms.once import fingerprint, once
from case_management.ui.lists.question import PAGE_KEYS, Question
from case_management.ui.shell import Crumb, Page

SHOWN = 20


class BulkPage(Page):
    """GET with the selection shows the form; POST shows what would happen, and then starts it."""

    template_name = "case_management/bulk/new.html"
    section = "changes"
    icon = "list-ul"
    http_method_names = ["get", "head", "post", "options"]
    action: Action
    selection: Selection

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only actions that the reader holds the right for."""
        if request.user.has_perm(self.permission_required):
            asked = request.POST if request.method == "POST" else request.GET
            found = {action.key: action for action in offered_to(request.user)}.get(asked.get("action", ""))
            if found is None:
                raise Http404(_("There is no such action, or you may not take it."))
            self.action, self.selection = found, _selection(asked, request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        """What is about to be done."""
        return _("%s: several cases") % self.action.label

    def get_crumbs(self) -> list[Crumb]:
        """Back to the list that the cases were chosen from."""
        return [Crumb(_("Cases"), self._list()), Crumb(str(self.action.label))]

    def _list(self) -> str:
        query = self.request.POST.get("query", self.request.GET.get("query", ""))
        return self.shell.reverse("list") + (f"?{query}" if query else "")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, and which cases it is about; an action that asks for nothing is previewed at once."""
        return self._show(self._form(None if self.action.key in FORMS else QueryDict()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Preview, or start what was previewed."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(form, status=422 if form.is_bound else 200)
        if self.action.key == "export":
            return self._export(form)
        seen = request.POST.get("seen") == _digest(form.arguments())
        if "confirm" not in request.POST or not seen:
            return self._show(form)
        try:
            return self._start(form)
        except SelectionChanged as error:
            messages.warning(request, error.message)
            return self._show(form, status=error.http_status)
        except CaseManagementError as error:
            form.refuse(error)
            return self._show(form, status=error.http_status)

    def _start(self, form: BulkForm) -> HttpResponse:
        """One change set however often it is sent; few cases are done before the answer."""
        data, user = self.request.POST, self.request.user
        expected = int(data["expected"]) if data.get("expected", "").isdigit() else 0

        def begin() -> str:
            return str(start(self.action.key, form.arguments(), self.selection, expected=expected).pk)

        change = ChangeSet.objects.get(pk=int(once(user, fingerprint(data, "bulk"), begin)))
        if runs_inline(change):
            run_now(change)
        return redirect(self.shell.reverse("change", change.pk))

    def _export(self, form: BulkForm) -> HttpResponse:
        """The existing export, over the same filter or the chosen cases."""
        from case_management.resources.chosen_cases import query_of  # noqa: PLC0415 - an optional extra
        from case_management.resources.export_jobs import MOST_QUERY, start_export  # noqa: PLC0415

        query = self.selection.query
        try:
            if query is None or len(query) > MOST_QUERY:
                query = query_of(choose_for_export(self.selection))
            start_export(self.request.user, format=form.cleaned_data["format"], query=query)
        except CaseManagementError as error:
            form.refuse(error)
            return self._show(form, status=error.http_status)
        messages.success(self.request, _("The export runs. You get a mail with a link when it is ready."))
        return redirect(self.shell.reverse("exports"))

    def _form(self, data: Any) -> BulkForm:
        try:
            cases = self.selection.cases()
        except CaseManagementError:
            cases = Case.objects.none()
        return FORMS.get(self.action.key, BulkForm)(data, user=self.request.user, cases=cases)

    def _show(self, form: BulkForm, status: int = 200) -> HttpResponse:
        found = self._preview(form)
        rows = Case.objects.filter(pk__in=found.first).order_by("pk") if found else Case.objects.none()
        context = {
            "form": form,
            "action": self.action,
            "selection": self.selection,
            "references": self.selection.references[:SHOWN],
            "preview": found,
            "first": rows.select_related("unit", "assignee", "contact"),
            "seen": _digest(form.arguments()) if found and form.is_valid() else "",
            "token": secrets.token_urlsafe(12),
            "asked": self._asked(),
            "list_url": self._list(),
            "undo_days": conf.undo_days(),
            "why_no_undo": self.action.no_undo(form.arguments()) if found and form.is_valid() else "",
        }
        return self.render_to_response(self.get_context_data(**context), status=status)

    def _preview(self, form: BulkForm) -> Preview | None:
        """None until the form can be read, and where the selection cannot be."""
        arguments = form.arguments() if form.is_bound and form.is_valid() else None
        try:
            if arguments is None:
                return preview(actions.get("export"), {}, self.selection, shown=SHOWN)
            return preview(self.action, arguments, self.selection, shown=SHOWN)
        except CaseManagementError as error:
            messages.error(self.request, error.message)
            return None

    def _asked(self) -> list[tuple[str, str]]:
        """What says which cases, to be sent along with the form."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        kept = [(name, sent.get(name, "")) for name in ("action", "scope", "query")]
        return kept + ([] if self.selection.is_all else [("case", each) for each in self.selection.references])


def _selection(asked: QueryDict, user: Any) -> Selection:
    """What the bar under the list sends: ticked references, or the filters of the list without its order and page."""
    if asked.get("scope") != "all":
        return Selection(user, references=tuple(dict.fromkeys(asked.getlist("case"))))
    question = Question(QueryDict(asked.get("query", "")), visible_to(user), user)
    return Selection(user, query=question.query(**dict.fromkeys(PAGE_KEYS)))


def _digest(arguments: dict[str, Any]) -> str:
    """Tells whether what is confirmed is what was previewed."""
    return hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()[:16]
