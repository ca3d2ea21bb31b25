"""Who can be called on in a note, as JSON for the field's suggestions: people who may see the case, and nobody else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from case_management.access import may, viewers_of, visible_to
from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.operations import mentions_in
from case_management.timeline.names import person
from case_management.ui.shell import Page

#: So many people suggest themselves; whoever looks for another types more.
MOST = 8
#: Longer questions are cut: no name is so long.
LONGEST = 150


class PeopleAnswer(Page):
    """``?q=an``: ``people`` whose names begin so; ``?named=@ann @bo``: the ``unknown`` ones, who are not reached."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer whoever may write a note on the case."""
        case = visible_to(request.user).filter(reference=tidy_reference(kwargs["reference"])).first()
        if case is None or not may(request.user, "note_case", case):
            raise Http404
        found = _beginning(case, request.GET.get("q", "")[:LONGEST])
        unknown = mentions_in(request.GET.get("named", "")[: LONGEST * 10], case).unknown
        return JsonResponse({"people": found, "unknown": list(unknown)})


def _beginning(case: Case, text: str) -> list[dict[str, str]]:
    user_model = get_user_model()
    name = user_model.USERNAME_FIELD
    if not text:
        return []
    wanted = Q(**{f"{name}__istartswith": text})
    names = {field.name for field in user_model._meta.get_fields()} & {"first_name", "last_name"}
    for part in names:
        wanted |= Q(**{f"{part}__istartswith": text})
    rows = viewers_of(case).filter(wanted).order_by(name)[:MOST]
    return [{"name": str(user.get_username()), "label": person(user)} for user in rows]
