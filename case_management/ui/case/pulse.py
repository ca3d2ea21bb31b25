"""What a browser with a case open asks every few seconds: who else is here, and whether anything was said."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from case_management.access import visible_to
from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.ui.case.presence import forget_presence, note_presence, people_at
from case_management.ui.forms import FORMS
from case_management.ui.news import news_since
from case_management.ui.shell import Page

#: Letters of a text in the banner.
EXCERPT = 160


class PulsePage(Page):
    """The heartbeat: ``typing`` names the form, ``seen`` the last event that the browser knows of."""

    http_method_names = ["post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without a frame: whoever sees the case may ask, and nothing else is read."""
        return View.dispatch(self, request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say that the reader is here; four queries, some more when there is news."""
        case, now, user = open_case(request.user, kwargs["reference"]), timezone.now(), request.user
        if "leaving" in request.POST:
            forget_presence(case, user)
            return JsonResponse({})
        typing = request.POST.get("typing", "")
        note_presence(case, user, typing if typing in FORMS else "", now)
        people = people_at(case, user, now)
        answer = {"people": [{"initials": person.initials, "words": person.words} for person in people]}
        return JsonResponse(answer | {"version": case.version} | self._news(case))

    def _news(self, case: Case) -> dict[str, Any]:
        seen = self.request.POST.get("seen", "")
        if not seen.isdecimal() or len(seen) > 9 or int(seen) >= case.version:
            return {}
        found = news_since(case, int(seen), self.request.user, "in", "out", "note")
        if not found:
            return {}
        last = found[0]
        more = len(found) - 1
        return {
            "upto": case.version,
            "news": _("New since you opened this: %(who)s: %(what)s") % {"who": last.who, "what": last.sentence},
            "excerpt": last.text if len(last.text) <= EXCERPT else f"{last.text[:EXCERPT]}…",
            "more": ngettext("and %d more", "and %d more", more) % more if more else "",
        }


def open_case(user: Any, reference: str) -> Case:
    """The case, for whoever may see it; two queries."""
    found: Case | None = visible_to(user).filter(reference=tidy_reference(reference)).first()
    if found is None:
        raise Http404(_("There is no such case, or you may not see it."))
    return found
