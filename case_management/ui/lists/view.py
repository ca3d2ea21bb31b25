"""The list of cases as a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from case_management.bulk.actions import offered_to
from case_management.ui.lists.leaves import instead, leaf
from case_management.ui.lists.panel import panel, ranges
from case_management.ui.lists.pills import pills
from case_management.ui.lists.question import Question
from case_management.ui.lists.rail import rail
from case_management.ui.lists.rows import Scene
from case_management.ui.reader import Reader
from case_management.ui.saved_views import view_query
from case_management.ui.shell import Crumb, Page
from case_management.ui.timer import running_words


class CaseListPage(Page):
    """Cases under the headings of their statuses, the most urgent first."""

    template_name = "case_management/lists/page.html"
    page_title = _("Cases")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open with the reader's default view, and give forms without JavaScript a short address.

        Empty fields are not part of the question. ``view=all`` is the list without any view.
        """
        chosen = Reader.of(request.user).default_view if not request.GET else None
        if chosen:
            return redirect(f"{request.path}?{view_query(chosen)}")
        if any(value == "" for values in request.GET.lists() for value in values[1]):
            tidy = Question(request.GET, Reader.of(request.user).reach.cases(), request.user).query()
            return redirect(f"{request.path}?{tidy or 'view=all'}")
        return super().get(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        """The list is the first of the pages."""
        return [Crumb(_("Cases"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page's rows, and what stands around them."""
        user, now = self.request.user, timezone.now()
        reader = Reader.of(user)
        cases, units = reader.reach.cases(), reader.reach.all_units()
        question = Question(self.request.GET, cases, user, reader)
        here = question.query(panel=None)
        context = {
            "question": question,
            "query": question.query(panel=None, view=None),
            "from_list": f"?{urlencode({'list': here})}",
            "rail": rail(cases, user, now),
            "sorts": [(sort, "" if sort is question.default_sort else sort.key) for sort in question.sorts],
            "pills": pills(question),
            "errors": question.errors,
            "words": running_words(),
            "may_change": bool(offered_to(user)),
            **self._views(question),
            **self._panel(question, units),
            **leaf(question, Scene(user, now, question.sort, lambda: question.filters.custom, question.text)),
        }
        if not context["groups"]:
            context |= instead(question, cases)
        return super().get_context_data(**kwargs) | context

    def _views(self, question: Question) -> dict[str, Any]:
        """The reader's views, and the one that is open; it is changed when other filters are in force than its own."""
        views = Reader.of(self.request.user).views
        current = next((view for view in views if str(view.pk) == self.request.GET.get("view")), None)
        asked = question.query(panel=None, view=None)
        return {
            "views": [(view, view_query(view)) for view in views],
            "current_view": current,
            "view_is_changed": current is not None and not _same(current.query, asked),
        }

    def _panel(self, question: Question, units: Any) -> dict[str, Any]:
        """The controls cost two queries and much markup, so they come when they are asked for."""
        is_open = "panel" in self.request.GET
        links = {
            "panel_query": question.query(panel=None if is_open else "open") or "view=all",
            "hidden": question.hidden,
            "is_panel_open": is_open,
        }
        if not is_open:
            return links
        found = panel(question, self.request.user, units)
        controls, spans = found.controls, ranges(question)
        shown = {control.name for control in (*controls, *(end for span in spans for end in span))}
        # What the panel has no control for stays in force.
        kept = [pair for pair in question.pairs if pair[0] not in shown and pair[0] != "panel"]
        return {**links, "controls": controls, "ranges": spans, "teams": found.teams, "panel_hidden": kept}


def _same(query: str, other: str) -> bool:
    """Whether two addresses ask the same, in whatever order."""
    return sorted(parse_qsl(query)) == sorted(parse_qsl(other))
