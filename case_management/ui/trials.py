"""Trying a draft over the past, for whatever can be tried: how far back, how far it is, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from case_management.access import Reach, visible_to
from case_management.access.setting_up import may_set_up
from case_management.exceptions import CaseManagementError
from case_management.models import Backtest
from case_management.models.due import DueState
from case_management.tabular import FORMATS
from case_management.tabular.writing import stream_table
from case_management.trying import kept
from case_management.trying.result import Tally, Touched
from case_management.trying.telling import Line, head, named
from case_management.trying.trial import Result
from case_management.ui.shell import Crumb, Page

SPANS = (7, 30, 90, 365)
ROWS_PER_PAGE = 100
SHOWN = 20


class OfEntry(Page):
    """Base of the pages about one entry that the reader may change and try."""

    section = ""
    icon = "cogs"
    model: ClassVar[Any]
    #: How the addresses of its pages begin, and what a trial calls the entry.
    prefix: ClassVar[str]
    #: The shared page of the entry itself; empty: its form.
    home: ClassVar[str] = ""

    @cached_property
    def entry(self) -> Any:
        """One that the reader may change."""
        entry: Any = get_object_or_404(self.model, pk=self.kwargs["pk"])
        if not may_set_up(self.request.user, "change", entry):
            name = self.model._meta.verbose_name
            raise PermissionDenied(str(_("Ask somebody who may change this: %s.") % name))
        return entry

    def link(self, page: str, *args: Any) -> str:
        """The address of a page of trials."""
        return self.shell.reverse(f"{self.prefix}_{page}", self.entry.pk, *args)

    def get_crumbs(self) -> list[Crumb]:
        """Below the list and the entry."""
        plural, name = capfirst(str(self.model._meta.verbose_name_plural)), str(self.model._meta.model_name)
        home = self.shell.reverse(self.home, self.entry.pk) if self.home else self.shell.entry_url(name, self.entry.pk)
        above = [Crumb(plural, self.shell.entries_url(name)), Crumb(self.entry.name, home)]
        return [*above, Crumb(self.get_page_title())]


class TryPage(OfEntry):
    """How far back; and the reader's latest trials."""

    http_method_names = ["get", "head", "post", "options"]

    def get_page_title(self) -> str:
        """Names what is tried."""
        return _("Try “%s”") % self.entry.name

    def start(self, days: int) -> Backtest:
        """Write the trial down. Raises CaseManagementError."""
        raise NotImplementedError

    @property
    def earlier(self) -> Q:
        """Trials of the same."""
        return Q(**{self.prefix: self.entry.pk})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Begin; a short trial is done at once."""
        days = request.POST.get("days", "")
        try:
            trial = self.start(int(days) if days.isdecimal() else SPANS[1])
        except CaseManagementError as error:
            messages.error(request, error.message)
            return redirect(self.link("try"))
        kept.run_now(trial)
        return redirect(self.link("trial", trial.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The spans, and what was tried."""
        mine = Backtest.objects.filter(self.earlier, requested_by=self.request.user.pk).order_by("-created_at", "-pk")
        trials = [
            (trial, phase(trial), self.shell.reverse(f"{self.prefix}_trial", self.tried_pk(trial), trial.pk))
            for trial in mine[:SHOWN]
        ]
        context = {"entry": self.entry, "spans": SPANS, "chosen": SPANS[1], "trials": trials}
        return super().get_context_data(**kwargs) | context

    def tried_pk(self, trial: Backtest) -> int:
        """The primary key of what was tried."""
        found: int = getattr(trial, f"{self.prefix}_id")
        return found


class TrialPage(OfEntry):
    """One trial: progress while it runs, then what came of it; POST stops it, or goes on."""

    http_method_names = ["get", "head", "post", "options"]

    @cached_property
    def trial(self) -> Backtest:
        """One of the reader's own."""
        mine = Backtest.objects.filter(requested_by=self.request.user.pk, **{self.prefix: self.entry})
        trial: Backtest = get_object_or_404(mine, pk=self.kwargs["trial"])
        return trial

    def get_page_title(self) -> str:
        """Names what was tried."""
        return _("Trial of “%s”") % self.trial.definition.get("name", self.entry.name)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Stop, or go on."""
        do = {"cancel": kept.cancel, "resume": kept.resume}.get(request.POST.get("do", ""))
        try:
            if do is not None:
                do(self.trial)
                kept.run_now(self.trial)
        except CaseManagementError as error:
            messages.error(request, error.message)
        return redirect(self.link("trial", self.trial.pk))

    def seen_rows(self) -> Any:
        """Lines about what the reader may still see, in the order in which it happened."""
        return self.trial.rows.filter(may_be_named(self.request.user)).order_by("at", "pk")

    def shown(self, actions: list[dict[str, Any]]) -> Any:
        """The entries of a line for people."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Counts, then a page of lines."""
        rows = self.seen_rows().select_related("case", "interaction")
        page = Paginator(rows, ROWS_PER_PAGE).get_page(self.request.GET.get("page"))
        context = {
            "entry": self.entry,
            "trial": self.trial,
            "phase": phase(self.trial),
            "totals": self.trial.tally.get("total", {}),
            "page": page,
            "rows": [(row, self.shown(row.actions)) for row in page],
            "try_url": self.link("try"),
            "trial_url": self.link("trial", self.trial.pk),
            "file_url": self.link("trial_file", self.trial.pk),
        }
        return super().get_context_data(**kwargs) | context


class TrialFilePage(TrialPage):
    """The whole trial as a file: ``?format=csv`` or ``json``."""

    http_method_names = ["get"]
    #: What the JSON file calls its lines.
    lines_name: ClassVar[str] = "lines"

    def tried(self) -> Any:
        """What was tried, as it was then."""
        raise NotImplementedError

    def table(self, lines: Iterator[Line]) -> tuple[list[str], Iterator[list[Any]]]:
        """Headings and lines of the spreadsheet."""
        raise NotImplementedError

    def as_json(self, line: Line) -> dict[str, Any]:
        """A line of the JSON file."""
        return line.as_json()

    def get(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Stream it."""
        is_json = request.GET.get("format") == "json"
        pieces: Any = self._json() if is_json else stream_table("csv", *self.table(self._lines()))
        kind = "application/json" if is_json else FORMATS["csv"].content_type
        answer = StreamingHttpResponse(pieces, content_type=kind)
        name = f"{self.entry.key}-{self.trial.pk}.{'json' if is_json else 'csv'}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer

    def _lines(self) -> Iterator[Line]:
        stored = self.seen_rows().values_list("at", "case_id", "interaction_id", "actions", "conflicts")
        return named(Touched(*row) for row in stored.iterator(chunk_size=2000))

    def _json(self) -> Iterator[str]:
        trial = self.trial
        found = Result(Tally(trial.tally), as_today=trial.as_today)
        begin = head(self.tried(), trial.since, trial.until, found)
        yield json.dumps(begin, ensure_ascii=False)[:-1] + f', "{self.lines_name}": ['
        for place, line in enumerate(self._lines()):
            yield (",\n" if place else "\n") + json.dumps(self.as_json(line), ensure_ascii=False)
        yield "\n]}\n"


def may_be_named(user: Any) -> Q:
    """Lines about cases that ``user`` may see, or about what was said to a unit of theirs."""
    reach = Reach.of(user, "view_case")
    if reach.is_everywhere:
        return Q()
    said = Q(case=None) & Q(interaction__unit__in=reach.all_units())
    return said | Q(case__in=visible_to(user))


def phase(trial: Backtest) -> str:
    """Where a trial stands, in one word that the templates know."""
    if trial.state == DueState.PENDING:
        return "running" if trial.done or trial.lease_until else "waiting"
    return {DueState.DEAD.value: "failed", DueState.CANCELLED.value: "cancelled"}.get(trial.state, "done")
