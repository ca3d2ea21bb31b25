"""Files of cases that a person uploads: checked first, taken in when the person says so."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import CaseManagementError
from case_management.models import ImportBatch
from case_management.models.due import DueState
from case_management.resources.import_batches import HEADER_ROW, confirm_import
from case_management.resources.mapping import Mapping
from case_management.resources.refused_rows import write_refused
from case_management.tabular import FORMATS
from case_management.ui.shell import Crumb, Page
from case_management.ui.transfers.forms import UploadForm

SHOWN = 50
REMARKS_PER_PAGE = 100


class ImportsPage(Page):
    """The person's imports, and the form that uploads another file."""

    template_name = "case_management/transfers/imports.html"
    page_title = gettext_lazy("Imports")
    permission_required = "case_management.import_case"
    section = "imports"
    icon = "upload"
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list and an empty form."""
        return self.render_to_response(self.get_context_data(form=UploadForm(user=request.user)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the file and have it checked."""
        form = UploadForm(request.POST, request.FILES, user=request.user)
        batch = form.perform()
        if batch is None:
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return redirect(self.shell.reverse("import", batch.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The latest ones."""
        batches = ImportBatch.objects.filter(requested_by=self.request.user.pk).order_by("-pk")[:SHOWN]
        return super().get_context_data(**kwargs) | {"batches": [(batch, phase(batch)) for batch in batches]}


def phase(batch: ImportBatch) -> str:
    """Where an import stands, in one word that the templates know."""
    if batch.state == DueState.DEAD:
        return "failed"
    if batch.state == DueState.PENDING:
        return "checking" if batch.dry_run else "running"
    if batch.dry_run:
        return "checked"
    return "refused" if Mapping(batch.mapping).is_all_or_nothing and batch.failed else "done"


class ImportPage(Page):
    """One import: what was found, what is left out, and the button that takes the rest in."""

    template_name = "case_management/transfers/import.html"
    permission_required = "case_management.import_case"
    section = "imports"
    icon = "upload"
    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only one's own."""
        if request.user.has_perm(self.permission_required):
            self.batch = get_object_or_404(ImportBatch, pk=kwargs["pk"], requested_by=request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        """The file's name."""
        return _("Import of %s") % self.batch.name

    def get_crumbs(self) -> list[Crumb]:
        """Back to the list."""
        above = [Crumb(_("Cases"), self.shell.reverse("list")), Crumb(_("Imports"), self.shell.reverse("imports"))]
        return [*above, Crumb(self.get_page_title())]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the checked file in."""
        try:
            confirm_import(self.batch, request.user)
        except CaseManagementError as error:
            messages.error(request, error.message)
        return redirect(self.shell.reverse("import", self.batch.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counts, columns that are not read, and a page of remarks."""
        remarks = self.batch.errors.exclude(row=HEADER_ROW)
        page = Paginator(remarks, REMARKS_PER_PAGE).get_page(self.request.GET.get("page"))
        context = {
            "batch": self.batch,
            "phase": phase(self.batch),
            "is_whole": Mapping(self.batch.mapping).is_all_or_nothing,
            "not_read": self.batch.errors.filter(row=HEADER_ROW),
            "remarks": page,
            "writable": self.batch.created + self.batch.updated,
        }
        return super().get_context_data(**kwargs) | context


class RefusedRowsPage(ImportPage):
    """The refused rows as a file of the same format: mend it and upload it as it is."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The file."""
        known = FORMATS[self.batch.format]
        response = HttpResponse(content_type=known.content_type)
        response["Content-Disposition"] = f'attachment; filename="refused-rows-{self.batch.pk}.{known.extension}"'
        response["X-Content-Type-Options"] = "nosniff"
        write_refused(self.batch, response)
        return response
