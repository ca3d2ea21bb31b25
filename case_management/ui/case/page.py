"""The case page, and what happens when one of its forms is sent."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.domain.reference import tidy_reference
from case_management.exceptions import RightMissing
from case_management.models import Case
from case_management.ui.case import facts
from case_management.ui.case.panels import panels_for
from case_management.ui.forms import FORMS, Desk, OperationForm
from case_management.ui.shell import Page
from case_management.ui.timeline import ORDERS, SHOWS, since, timeline_of
from case_management.ui.timer import timer

#: One-to-one rows that the page names beside those of a list's line.
_NAMED = ("closure_reason", "resolution_method", "close_channel", "reopen_reason", "sla_policy")


class CasePage(Page):
    """One case, whole; a case that the reader may not see does not exist for them."""

    template_name = "case_management/case.html"
    http_method_names = ["get", "head", "post", "options"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing has been sent yet."""
        super().setup(request, *args, **kwargs)
        self.failed: OperationForm | None = None
        self.refusal = ""

    @cached_property
    def visible(self) -> Any:
        """Cases that the reader may see."""
        return visible_to(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the case; the address of an action leads back to it."""
        if kwargs.get("verb"):
            return redirect(self.shell.reverse("case", kwargs["reference"]))
        self.case = self._find()
        return self.render_to_response(self.get_context_data(**kwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry out one action and lead back to the case, or show the page again with the reasons why not."""
        self.case = self._find()
        form_class = FORMS.get(kwargs.get("verb", ""))
        if form_class is None:
            raise Http404
        desk = Desk(request.user, self.case)
        form = form_class(request.POST, desk=desk)
        try:
            if form_class.permission() not in desk.rights:
                raise RightMissing(_missing(form_class))
            if form.perform(self.case, Actor.from_user(request.user)):
                return self._done(form)
        except RightMissing as error:
            self.refusal = error.message
            return self._again(status=error.http_status)
        self.failed = form
        return self._again(status=form.http_status)

    def _find(self) -> Case:
        """The case by its reference, for whoever may see it; 404 otherwise."""
        reference = tidy_reference(self.kwargs["reference"])
        cases = self.visible.with_labels().select_related(*_NAMED)
        case = cases.filter(reference=reference).first()
        if case is None:
            raise Http404(_("There is no such case, or you may not see it."))
        found: Case = case
        return found

    def _done(self, form: OperationForm) -> HttpResponse:
        """Say what was done; somebody who moved the case out of their own sight goes to the list."""
        if form.notice:
            messages.info(self.request, form.notice)
        else:
            messages.success(self.request, str(form.done))
        if not self.visible.filter(pk=self.case.pk).exists():
            return redirect(self.shell.reverse("list"))
        return redirect(self.shell.reverse("case", self.case.reference))

    def _again(self, *, status: int) -> HttpResponse:
        """The page as the case is now, with what was typed."""
        self.case = self._find()
        conflicts = []
        if self.failed is not None and self.failed.is_stale:
            conflicts = since(self.case, self.failed.seen_version, self.failed.outrun_in)
            self.failed.rebase(self.case)
        return self.render_to_response(self.get_context_data(conflicts=conflicts), status=status)

    def get_page_title(self) -> str:
        """The reference: the title is the customer's text and stands in the page."""
        return _("Case %s") % self.case.reference

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template shows."""
        case, desk = self.case, Desk(self.request.user, self.case)
        words, timeline = facts.words_of(case), timeline_of(case, self.request.GET)
        return super().get_context_data(**kwargs) | {
            "case": case,
            "desk": desk,
            "timer": timer(case, timezone.now()),
            "panels": panels_for(desk, self.failed),
            "refusal": self.refusal,
            "words": words,
            "shows_description": facts.adds_something(case.description, words),
            "customer": facts.customer_of(case, self.visible),
            "opened_by": facts.opened_by(case, timeline.entries),
            "outcome": facts.outcome_of(case),
            "visit": facts.visit_of(words),
            "questions": facts.questions_of(words) if desk.settings.show_survey_questions else [],
            "timeline": timeline,
            "timeline_shows": SHOWS,
            "timeline_orders": ORDERS,
        }


def _missing(form: type[OperationForm]) -> str:
    return _("You may not do this here (“%(what)s” needs the right “%(right)s”); ask an administrator for a role.") % {
        "what": form.title,
        "right": form.permission(),
    }
