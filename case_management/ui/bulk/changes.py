"""The wide changes that a person made: how far each is, what came of each case, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.bulk.actions import actions
from case_management.bulk.run import run_now
from case_management.bulk.start import UNDO, no_undo, runs_inline, start_undo, undo_until
from case_management.exceptions import CaseManagementError
from case_management.models import ChangeSet
from case_management.models.change_set import EXPORT, RowState
from case_management.models.due import DueState
from case_management.tabular import FORMATS
from case_management.tabular.writing import stream_table
from case_management.ui.shell import Crumb, Page

SHOWN = 50
ROWS_PER_PAGE = 100
MOST_REASONS = 12


def label(change: ChangeSet) -> str:
    """What was done, in the words of the menu."""
    if change.verb == UNDO and change.undoes is not None:
        return _("Undo: %s") % label(change.undoes)
    return str(actions.get(change.verb).label) if change.verb in actions else change.verb


def phase(change: ChangeSet) -> str:
    """Where a change stands, in one word that the templates know."""
    if change.state == DueState.DEAD:
        return "failed"
    if change.state == DueState.PENDING:
        return "running" if change.done or change.refused or change.lease_until else "waiting"
    return "done"


class ChangesPage(Page):
    """The latest changes of the reader."""

    template_name = "case_management/bulk/changes.html"
    page_title = gettext_lazy("Changes")
    section = "changes"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Newest first."""
        mine = ChangeSet.objects.filter(requested_by=self.request.user.pk).exclude(verb=EXPORT)
        mine = mine.select_related("undoes", "undone_by")
        rows = [(change, label(change), phase(change)) for change in mine.order_by("-created_at", "-pk")[:SHOWN]]
        watch = any(where in ("running", "waiting") for _change, _label, where in rows)
        return super().get_context_data(**kwargs) | {"rows": rows, "is_running": watch}


class ChangePage(Page):
    """One change: progress while it runs, then the receipt; POST takes it back."""

    template_name = "case_management/bulk/change.html"
    section = "changes"
    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only one's own."""
        if request.user.has_perm(self.permission_required):
            mine = ChangeSet.objects.exclude(verb=EXPORT).select_related("undoes", "undone_by")
            self.change = get_object_or_404(mine, pk=kwargs["pk"], requested_by=request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        """What was done."""
        return label(self.change)

    def get_crumbs(self) -> list[Crumb]:
        """Back to all changes."""
        above = [Crumb(_("Cases"), self.shell.reverse("list")), Crumb(_("Changes"), self.shell.reverse("changes"))]
        return [*above, Crumb(self.get_page_title())]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Undo."""
        try:
            undo = start_undo(self.change, request.user)
        except CaseManagementError as error:
            messages.error(request, error.message)
            return redirect(self.shell.reverse("change", self.change.pk))
        if runs_inline(undo):
            run_now(undo)
        return redirect(self.shell.reverse("change", undo.pk))

    def seen_rows(self) -> Any:
        """Rows of cases that the reader may still see, with the chosen outcome."""
        rows = self.change.rows.filter(case__in=visible_to(self.request.user))
        outcome = self.request.GET.get("outcome", "")
        return rows.filter(state=outcome) if outcome in RowState.values else rows

    def _reasons(self) -> Any:
        refused = self.change.rows.filter(state=RowState.REFUSED, case__in=visible_to(self.request.user))
        counted = refused.order_by().values("message").annotate(count=Count("pk"))
        return counted.order_by("-count", "message")[:MOST_REASONS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counts, reasons, a page of rows, and whether there is a way back."""
        where = phase(self.change)
        rows = self.seen_rows().select_related("case").order_by("pk")
        why_not = no_undo(self.change, timezone.now())
        context = {
            "change": self.change,
            "phase": where,
            "settled": self.change.done + self.change.refused,
            "outcome": self.request.GET.get("outcome", ""),
            "outcomes": RowState.choices,
            "rows": Paginator(rows, ROWS_PER_PAGE).get_page(self.request.GET.get("page")),
            "reasons": self._reasons(),
            "is_undo": self.change.verb == UNDO,
            "undo_until": None if why_not else undo_until(self.change),
            "why_no_undo": "" if self.change.verb == UNDO or where != "done" else why_not,
        }
        return super().get_context_data(**kwargs) | context


class ReceiptFilePage(ChangePage):
    """The receipt as a table for a spreadsheet."""

    http_method_names = ["get"]

    def get(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Stream it."""
        headings = [_("Case"), _("Title"), _("Outcome"), _("Code"), _("Reason")]
        answer = StreamingHttpResponse(
            stream_table("csv", headings, self._lines()), content_type=FORMATS["csv"].content_type
        )
        answer["Content-Disposition"] = f'attachment; filename="changes-{self.change.pk}.csv"'
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer

    def _lines(self) -> Iterator[list[str]]:
        rows = self.seen_rows().order_by("pk").values_list("case__reference", "case__title", "state", "code", "message")
        names = dict(RowState.choices)
        for reference, title, state, code, message in rows.iterator(chunk_size=2000):
            yield [reference, title, str(names[state]), code, message]
