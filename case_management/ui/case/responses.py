"""What the picker of scripted responses reads: which ones suit a case, and one of them in the case's own words."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from case_management.access import visible_to
from case_management.domain.reference import tidy_reference
from case_management.models import Case, ScriptedResponse
from case_management.models.wording import ScriptedState
from case_management.ui.forms.scripted import answer_field
from case_management.ui.shell import Page
from case_management.wordsmith import Letter, chosen_signature, compose, library, signatures_for

#: More than this nobody reads; whoever looks for another one types.
MOST = 50
RIGHT = "case_management.view_scriptedresponse"


class _OfCase(Page):
    """Base: a case that the reader sees."""

    permission_required = RIGHT
    http_method_names = ["get", "head", "options"]

    def case(self) -> Case:
        """The case, or 404."""
        if not self.request.user.has_perm("case_management.view_case"):
            raise Http404
        rows = visible_to(self.request.user).select_related("topic", "case_type", "source", "unit", "team", "contact")
        found: Case = get_object_or_404(rows, reference=tidy_reference(self.kwargs["reference"]))
        return found


class ResponsesPage(_OfCase):
    """The library as it suits one case, as JSON: those that fit first; ``q`` finds by key and words."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Up to MOST of them, and how many there are."""
        found = library(self.case(), query=request.GET.get("q", "")[:200])
        rows = [
            {
                "id": fit.response.pk,
                "key": fit.response.key,
                "name": fit.response.name,
                "subject": fit.response.subject,
                "fits": fit.fits,
                "for": fit.misfits,
                "used": fit.used,
            }
            for fit in found[:MOST]
        ]
        return JsonResponse({"count": len(found), "responses": rows})


class ResponsePage(_OfCase):
    """One approved response in the words of the case, as JSON, with what the agent has to fill in."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Subject, text and prompts."""
        case = self.case()
        response = get_object_or_404(ScriptedResponse, pk=kwargs["pk"], state=ScriptedState.APPROVED)
        signature = chosen_signature(signatures_for(request.user, case), request.GET.get("signature"))
        composed = compose(response, Letter(case, request.user, signature.text))
        return JsonResponse(
            {
                "id": response.pk,
                "name": response.name,
                "subject": composed.subject,
                "body": composed.body,
                "signs": composed.signs,
                "prompts": [
                    {"name": prompt.name, "label": prompt.label, "field": answer_field(prompt.name)}
                    for prompt in composed.questions
                ],
                "locked": [part.title for part in composed.locked],
            }
        )
