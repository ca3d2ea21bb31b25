"""What somebody sent after their session had ended: kept as their draft before they are asked to log in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from case_management.access import visible_to
from case_management.domain.reference import tidy_reference
from case_management.ui.case.drafts import SKIPPED, fits, keep
from case_management.ui.forms import FORMS
from case_management.ui.forms.writer import WRITER, writer_of

_VIEW = "case_act"


class UnsentTextMiddleware:
    """Stands after the authentication and the check of forgeries, which has passed when a view is about to be called.

    The admin goes on to refuse the request. Files are not kept: they have to be added again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing by itself."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Keep what nobody who is logged in has sent."""
        match = request.resolver_match
        if request.method == "POST" and match and match.url_name == _VIEW and not request.user.is_authenticated:
            keep_unsent(request, tidy_reference(kwargs["reference"]), kwargs["verb"])


def keep_unsent(request: HttpRequest, reference: str, form: str) -> bool:
    """Put what was sent among the drafts of the one for whom the form was made, who still may see the case."""
    writer = writer_of(request.POST.get(WRITER, ""), reference) if form in FORMS else None
    case = visible_to(writer).filter(reference=reference).first() if writer is not None else None
    content = {name: request.POST.getlist(name) for name in request.POST if name not in SKIPPED}
    if case is None or not fits(content):
        return False
    keep(writer, case, form, content)
    return True
