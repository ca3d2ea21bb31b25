"""The list of cases as a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.access import visible_to
from case_management.models import Team
from case_management.ui.lists.panel import panel, ranges
from case_management.ui.lists.pills import pills
from case_management.ui.lists.question import Question
from case_management.ui.lists.rail import rail
from case_management.ui.lists.rows import for_list, groups
from case_management.ui.lists.saved_views import views_for
from case_management.ui.lists.sorting import SORTS
from case_management.ui.paging import Cursor, Listing
from case_management.ui.shell import Crumb, Page


class CaseListPage(Page):
    """Cases under the headings of their statuses, the most urgent first."""

    template_name = "case_management/lists/page.html"
    page_title = _("Cases")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give forms without JavaScript a short address: empty fields are not part of the question."""
        if any(value == "" for values in request.GET.lists() for value in values[1]):
            tidy = Question(request.GET, visible_to(request.user), request.user).query()
            return redirect(f"{request.path}?{tidy}" if tidy else request.path)
        return super().get(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        """The list is the first of the pages."""
        return [Crumb(_("Cases"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page's rows, and what stands around them."""
        user, now = self.request.user, timezone.now()
        cases = visible_to(user)
        question = Question(self.request.GET, cases, user)
        query = question.query(panel=None)
        context = {
            "question": question,
            "query": query,
            "from_list": f"?{urlencode({'list': query})}" if query else "",
            "rail": rail(cases, user, now),
            "views": views_for(user),
            "sorts": [(key, sort.label) for key, sort in SORTS.items()],
            "pills": pills(question),
            "errors": question.errors,
            **self._panel(question),
            **self._rows(question, now),
        }
        return super().get_context_data(**kwargs) | context

    def _panel(self, question: Question) -> dict[str, Any]:
        """The controls cost two queries and much markup, so they come when they are asked for."""
        links = {"panel_query": question.query(panel="open"), "hidden": question.hidden}
        if "panel" not in self.request.GET:
            return links
        user: Any = self.request.user
        teams = Team.objects.active().filter(members=user)
        return {**links, "controls": panel(question, user), "ranges": ranges(question), "teams": teams}

    def _rows(self, question: Question, now: Any) -> dict[str, Any]:
        listing = Listing(for_list(question.rows), question.segments, "status")
        leaf = listing.page(question.cursor, conf.page_size())
        order = question.sort.key
        return {
            "groups": groups(leaf.rows, question.counts, now),
            "total": sum(question.counts.values()) if question.counts is not None else None,
            "count_cap": conf.list_count_cap(),
            "previous_query": _turn(question, "before", leaf.previous, order),
            "following_query": _turn(question, "after", leaf.following, order),
        }


def _turn(question: Question, key: str, cursor: Cursor | None, order: str) -> str:
    return question.query(**{key: cursor.encode(order)}) if cursor else ""
