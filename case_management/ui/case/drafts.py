"""What was typed and not sent: kept per person, case and form, given back when they return, gone once it is sent."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from case_management.models import Case, Draft
from case_management.ui.case.pulse import open_case
from case_management.ui.forms import FORMS
from case_management.ui.forms.writer import WRITER
from case_management.ui.lists.neighbours import LIST
from case_management.ui.shell import Page

#: Bytes; longer ones stay in the browser alone.
MOST_BYTES = 64 * 1024
MOST_FIELDS, MOST_VALUES = 200, 500
#: Fields that are no words of anybody's, and a yes that holds for the preview beside it alone.
SKIPPED = frozenset({"csrfmiddlewaretoken", "confirmed", WRITER, "button"})
#: Tells the browser which of its own copies were sent; cleared by it.
SENT_COOKIE, MOST_SENT = "cm-sent", 20


def drafts_of(user: Any, case: Case) -> dict[str, Draft]:
    """The user's own drafts on the case by form, the latest first; one query."""
    found = Draft.objects.filter(user=user, case=case).order_by("-saved_at")
    return {draft.form: draft for draft in found if draft.form in FORMS}


def keep(user: Any, case: Case, form: str, content: dict[str, list[str]]) -> None:
    """Put the draft in place of the one before; an empty one is none."""
    mine = Draft.objects.filter(user=user, case=case, form=form)
    if not content:
        mine.delete()
        return
    facts = {"content": content, "saved_at": timezone.now()}
    if not mine.update(**facts):
        Draft.objects.get_or_create(user=user, case=case, form=form, defaults=facts)


def mark_sent(request: HttpRequest, response: HttpResponseBase, case: Case, *forms: str) -> None:
    """Tell the browser that what was typed into the forms was carried out, so that it lets its own copies go."""
    known = [name for name in request.COOKIES.get(SENT_COOKIE, "").split(".") if name]
    sent = [*known, *(f"{case.reference}:{form}" for form in forms)][-MOST_SENT:]
    response.set_cookie(SENT_COOKIE, ".".join(sent), max_age=86400, samesite="Lax", secure=request.is_secure())


class DraftPage(Page):
    """Where a browser puts a draft (JSON: field → values), and where a person discards one."""

    http_method_names = ["post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without a frame: whoever sees the case may keep drafts of their own."""
        return View.dispatch(self, request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """413 for what is too long, 400 for what is no draft."""
        case, form = open_case(request.user, kwargs["reference"]), request.GET.get("form", "")
        if form not in FORMS:
            raise Http404
        if request.content_type != "application/json":
            return self._discard(case, form)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return JsonResponse({"error": _("The text is too long to be kept.")}, status=413)
        content = _content(request.body)
        if content is None:
            return JsonResponse({"error": _("This is not a draft.")}, status=400)
        keep(request.user, case, form, content)
        return JsonResponse({"saved": True})

    def _discard(self, case: Case, form: str) -> HttpResponse:
        keep(self.request.user, case, form, {})
        messages.info(self.request, _("Draft discarded."))
        came_from = {LIST: self.request.GET[LIST]} if LIST in self.request.GET else {}
        back = self.shell.reverse("case", case.reference) + (f"?{urlencode(came_from)}" if came_from else "")
        response = redirect(back)
        mark_sent(self.request, response, case, form)
        return response


def _content(body: bytes) -> dict[str, list[str]] | None:
    """The draft, or None for anything but an object of lists of texts."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict) or not all(isinstance(values, list) for values in content.values()):
        return None
    return content if fits(content) else None


def fits(content: dict[str, list[Any]]) -> bool:
    """Whether a draft is one that a form could have: so many fields and values, all of them texts of such a length."""
    if len(content) > MOST_FIELDS or any(len(values) > MOST_VALUES for values in content.values()):
        return False
    texts = [each for name, values in content.items() for each in (name, *values)]
    is_text = all(isinstance(each, str) and "\0" not in each for each in texts)
    return is_text and sum(len(each.encode(errors="replace")) for each in texts) <= MOST_BYTES
