"""The page that hands out a file of a case, to whoever may see the case."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.domain.reference import tidy_reference
from case_management.models import Attachment
from case_management.ui.shell import Page


class CaseFilePage(Page):
    """Always as a download, never shown by the browser: what came from outside may try to act."""

    page_title = gettext_lazy("Attachment")
    icon = "download"
    http_method_names = ["get"]

    def get(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """The file, if it is one of this very case."""
        cases = visible_to(request.user).filter(reference=tidy_reference(kwargs["reference"]))
        found = Attachment.objects.filter(pk=kwargs["pk"], case__in=cases).first()
        # What nobody has sent yet is its uploader's alone.
        if found is None or (found.message_id is None and found.uploaded_by_id != request.user.pk):
            raise Http404(_("There is no such file, or you may not see it."))
        try:
            content = found.file.open("rb")
        except OSError as error:
            raise Http404(_("The file is not there any more.")) from error
        response = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.content_type)
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
