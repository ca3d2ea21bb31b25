"""What the palette offers beside the actions of the page: sections, views, and the cases that a text finds."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from case_management.ui.lists.found import best_cases
from case_management.ui.reader import Reader
from case_management.ui.saved_views import view_query
from case_management.ui.shell import SECTIONS, Page

MOST_CASES, MOST_VIEWS = 8, 6
#: Letters that are looked for.
LONGEST = 200


class PalettePage(Page):
    """JSON for the palette: only what the reader may open."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """``q`` is what was typed; without it there are no cases."""
        text = request.GET.get("q", "").strip()[:LONGEST]
        found = [*self._cases(text), *self._places(text.casefold())]
        return JsonResponse({"items": found}, headers={"Cache-Control": "no-store"})

    def _cases(self, text: str) -> list[dict[str, str]]:
        """The best of the list that the same search shows."""
        user = self.request.user
        cases = best_cases(text, Reader.of(user).reach.cases(), user=user, most=MOST_CASES)
        return [
            _item(_("Case"), case.title, case.reference, self.shell.reverse("case", case.reference)) for case in cases
        ]

    def _places(self, text: str) -> list[dict[str, str]]:
        user, address = self.request.user, self.shell.reverse("list")
        views = [view for view in Reader.of(user).views if text in view.name.casefold()][:MOST_VIEWS]
        found = [_item(_("View"), view.name, "", f"{address}?{view_query(view)}") for view in views]
        sections = [section for section in SECTIONS if user.has_perm(section.permission)]
        return found + [
            _item(_("Page"), str(section.label), "", self.shell.reverse(section.name))
            for section in sections
            if text in str(section.label).casefold()
        ]


def _item(kind: str, label: str, hint: str, url: str) -> dict[str, str]:
    return {"kind": kind, "label": label, "hint": hint, "url": url}
