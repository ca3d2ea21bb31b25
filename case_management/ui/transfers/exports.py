"""The exports that a person asked for: a new one, how far each is, and its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import RightMissing
from case_management.models import ExportJob
from case_management.models.due import DueState
from case_management.resources.catalogue import offers
from case_management.resources.export_jobs import download_key, expires_at, require_download
from case_management.tabular import FORMATS
from case_management.ui.shell import Page
from case_management.ui.transfers.forms import ExportForm

SHOWN = 50


@dataclass(frozen=True)
class Row:
    """One export of the page; ``url`` is empty while there is nothing to fetch."""

    job: ExportJob
    label: str
    url: str
    expires: datetime | None

    @property
    def is_running(self) -> bool:
        """Whether the page should look again."""
        return self.job.state == DueState.PENDING

    @property
    def has_failed(self) -> bool:
        """Whether nothing will come of it."""
        return self.job.state == DueState.DEAD


class ExportsPage(Page):
    """The list, and the form that adds to it."""

    template_name = "case_management/transfers/exports.html"
    page_title = gettext_lazy("Exports")
    permission_required = "case_management.export_case"
    section = "exports"
    icon = "download"
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list; ``?query=`` presets the filter."""
        form = ExportForm(user=request.user, initial={"query": request.GET.get("query", "")})
        return self.render_to_response(self.get_context_data(form=form))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for an export."""
        form = ExportForm(request.POST, user=request.user)
        if form.perform() is None:
            return self.render_to_response(self.get_context_data(form=form), status=422)
        messages.success(request, _("The export runs. You get a mail with a link when it is ready."))
        return redirect(self.shell.reverse("exports"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The person's latest exports."""
        jobs = ExportJob.objects.filter(requested_by=self.request.user.pk).order_by("-pk")[:SHOWN]
        rows = [self._row(job) for job in jobs]
        context = {"rows": rows, "is_running": any(row.is_running for row in rows)}
        return super().get_context_data(**kwargs) | context

    def _row(self, job: ExportJob) -> Row:
        expires = expires_at(job)
        there = job.state == DueState.DONE and job.file and expires is not None and expires > timezone.now()
        url = f"{self.shell.reverse('export_download', job.pk)}?key={download_key(job)}" if there else ""
        label = str(offers.get(job.resource).label) if job.resource in offers else job.resource
        return Row(job, label, url, expires)


class ExportDownloadPage(Page):
    """The file, for the person who asked for it, while the signed link lasts."""

    template_name = "case_management/transfers/refused.html"
    page_title = gettext_lazy("This file cannot be fetched")
    permission_required = "case_management.export_case"
    section = "exports"
    icon = "download"
    http_method_names = ["get"]

    def get(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Stream the file, or say why not."""
        job = get_object_or_404(ExportJob, pk=kwargs["pk"], requested_by=request.user)
        try:
            require_download(job, request.user, request.GET.get("key", ""))
        except RightMissing as error:
            return self.render_to_response(self.get_context_data(problem=error.message), status=error.http_status)
        known = FORMATS[job.format]
        name = f"{job.resource}-{job.created_at:%Y-%m-%d}-{job.pk}.{known.extension}"
        response = FileResponse(job.file.open("rb"), as_attachment=True, filename=name, content_type=known.content_type)
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
