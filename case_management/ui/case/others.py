"""Other cases for a field that asks for a reference, as JSON: only what the reader may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from case_management.domain.reference import tidy_reference
from case_management.domain.states import OPEN
from case_management.ui.lists.found import best_cases
from case_management.ui.reader import Reader
from case_management.ui.shell import Page

#: So many suggest themselves; whoever looks for another one types more.
MOST, LONGEST = 8, 200


class OthersAnswer(Page):
    """``?q=cold soup``: the ``cases`` that this finds, by reference, customer or words; with ``open=1`` open ones."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Never the case itself; 404 for whoever does not see it."""
        seen = Reader.of(request.user).reach.cases()
        reference = tidy_reference(kwargs["reference"])
        if not seen.filter(reference=reference).exists():
            raise Http404
        others = seen.exclude(reference=reference)
        if request.GET.get("open"):
            others = others.filter(status__in=[str(status) for status in OPEN])
        text = request.GET.get("q", "").strip()[:LONGEST]
        found = [
            {"reference": case.reference, "title": case.title, "status": str(case.state.label)}
            for case in best_cases(text, others, user=request.user, most=MOST)
        ]
        return JsonResponse({"cases": found}, headers={"Cache-Control": "no-store"})
