"""The case page, and what happens when one of its forms is sent."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.domain.reference import tidy_reference
from case_management.exceptions import RightMissing
from case_management.models import Case
from case_management.models.preferences import AfterResolve
from case_management.ui.case import facts
from case_management.ui.case.custom import custom_facts
from case_management.ui.case.drafts import mark_sent
from case_management.ui.case.duplicates import duplicates_of
from case_management.ui.case.extras import Scene, extras_of
from case_management.ui.case.merged import all_merged
from case_management.ui.case.onward import next_after
from case_management.ui.case.panels import panels_for
from case_management.ui.case.together import marks_for
from case_management.ui.forms import FORMS, Desk, OperationForm
from case_management.ui.lists.clocks import clocks
from case_management.ui.lists.neighbours import LIST, MOST_QUERY, Neighbours, neighbours
from case_management.ui.shell import Page
from case_management.ui.timeline import ORDERS, SHOWS, Known, since, timeline_of
from case_management.ui.timer import timer

#: One-to-one rows that the page names beside those of a list's line.
_NAMED = (
    "closure_reason",
    "resolution_method",
    "close_channel",
    "reopen_reason",
    "sla_policy__calendar",
    "sla_calendar",
)
#: Parameter of the address that names the tab which is to be open.
DO = "do"
#: Parameter of the address that asks for a part of the page.
PART = "part"


class CasePage(Page):
    """One case, whole; a case that the reader may not see does not exist for them."""

    template_name = "case_management/case.html"
    keys_of = "case"
    http_method_names = ["get", "head", "post", "options"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing has been sent yet."""
        super().setup(request, *args, **kwargs)
        self.failed: OperationForm | None = None
        self.refusal = ""
        #: Whether a form that takes the case off the desk was sent, and the case that comes then.
        self.advances, self.onward = False, ("", "")

    @cached_property
    def visible(self) -> Any:
        """Cases that the reader may see."""
        return visible_to(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the case; the address of an action leads back to it."""
        if kwargs.get("verb"):
            return redirect(self._address(kwargs["reference"], kwargs["verb"] if kwargs["verb"] in FORMS else ""))
        self.case = self._find()
        if request.GET.get(PART) == "timeline":
            return self._alone("_timeline", self._timeline_context(facts.merges_of(self.case, self.visible)[1]))
        if request.GET.get(PART) == "panel":
            return self._panel()
        return self.render_to_response(self.get_context_data(**kwargs))

    def _alone(self, part: str, context: dict[str, Any]) -> HttpResponse:
        """A part of the page, for the script that puts it in its place."""
        frame = {"case": self.case, "shell": self.shell, "way": self._way()}
        return TemplateResponse(self.request, f"case_management/case/{part}.html", frame | context)

    def _panel(self) -> HttpResponse:
        """One form that the page has deferred."""
        asked = self.request.GET.get(DO, "")
        panels = panels_for(Desk(self.request.user, self.case), asked=asked)
        form = next((form for form in (*panels.tabs, *panels.more) if form.slug == asked), None)
        if form is None:
            raise Http404
        return self._alone("_panel_alone", {"form": form, "panels": panels})

    def _timeline_context(self, merged: list[Case], known: Known | None = None) -> dict[str, Any]:
        known = replace(known or Known(), visible=self.visible, merged=all_merged(merged, self.visible))
        timeline = timeline_of(self.case, self.request.GET, known)
        return {"timeline": timeline, "timeline_shows": SHOWS, "timeline_orders": ORDERS}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry out one action and lead back to the case, or show the page again with the reasons why not."""
        self.case = self._find()
        form_class = FORMS.get(kwargs.get("verb", ""))
        if form_class is None:
            raise Http404
        desk = Desk(request.user, self.case)
        form = form_class(request.POST, desk=desk).with_files(request.FILES)
        if form.advances:
            self.advances, self.onward = True, self._onward()
        try:
            if form_class.permission() not in desk.rights:
                raise RightMissing(_missing(form_class))
            if (again := form.redrawn()) is not None:
                self.failed = again
                return self._again(status=200)
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
        cases = self.visible.with_labels().prefetch_related(None).prefetch_related("contact__points")
        cases = cases.select_related(*_NAMED).annotate(**facts.beside_the_row(self.request.user))
        case = cases.annotate(**marks_for(self.request.user)).filter(reference=reference).first()
        if case is None:
            raise Http404(_("There is no such case, or you may not see it."))
        found: Case = case
        return found

    def _done(self, form: OperationForm) -> HttpResponse:
        """Say what was done; somebody who moved the case out of their own sight goes to the list."""
        if form.notice:
            messages.info(self.request, form.notice)
        else:
            done = f"{form.done} ({self.case.reference})" if self.onward[0] else str(form.done)
            messages.success(self.request, done)
        response = redirect(self._after(form.opens))
        mark_sent(self.request, response, self.case, *form.fulfils & FORMS.keys())
        return response

    def _onward(self) -> tuple[str, str]:
        """The case that comes after this one, found while it still has its place in the list."""
        if self.shell.preferences.after_resolve != AfterResolve.NEXT:
            return "", ""
        return next_after(self.case, self._way(), self.request.user)

    def _after(self, opens: str) -> str:
        """Where it goes on: the next case, the case (with one form open), or the list."""
        reference, suffix = self.onward
        if reference:
            return self.shell.reverse("case", reference) + suffix
        goes_back = self.advances and self.shell.preferences.after_resolve == AfterResolve.LIST
        if goes_back or not self.visible.filter(pk=self.case.pk).exists():
            query = self.request.GET.get(LIST, "")[:MOST_QUERY]
            return self.shell.reverse("list") + (f"?{query}" if query else "")
        return self._address(self.case.reference, opens)

    def _address(self, reference: str, opens: str = "") -> str:
        """The address of the case, with the list from which the reader came and the form that is to be open."""
        query = {LIST: self.request.GET.get(LIST, ""), DO: opens}
        said = urlencode({name: value for name, value in query.items() if value})
        return self.shell.reverse("case", reference) + (f"?{said}" if said else "")

    def _way(self) -> Neighbours | None:
        """The cases beside this one in the list from which the reader came."""
        if LIST not in self.request.GET:
            return None
        return neighbours(self.case, self.request.GET[LIST], self.request.user)

    def _again(self, *, status: int) -> HttpResponse:
        """The page as the case is now, with what was typed."""
        self.case = self._find()
        conflicts = []
        if self.failed is not None and self.failed.is_stale:
            conflicts = since(self.case, self.failed.seen_version, self.failed.outrun_in)
        if self.failed is not None and (self.failed.is_stale or self.failed.news):
            self.failed.rebase(self.case)
        return self.render_to_response(self.get_context_data(conflicts=conflicts), status=status)

    def get_page_title(self) -> str:
        """The reference: the title is the customer's text and stands in the page."""
        return _("Case %s") % self.case.reference

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template shows."""
        case, now = self.case, timezone.now()
        desk = Desk(self.request.user, case).with_response(self.request.GET.get("response", ""))
        into, merged = facts.merges_of(case, self.visible)
        known = Known({one.key: one for one in desk.custom}, facts.opening_of(case))
        log = self._timeline_context(merged, known)
        words, others = facts.words_of(case), facts.others_of(case, self.visible)
        desk.visible, desk.beside = self.visible, [other for other in others if other.contact_id == case.contact_id]
        panels = panels_for(desk, self.failed, self.request.GET.get(DO, ""))
        scene = Scene(self.request, self.shell, case, desk, panels, self.visible)
        return (
            super().get_context_data(**kwargs)
            | extras_of(scene)
            | log
            | {
                "case": case,
                "desk": desk,
                "timer": timer(case, now),
                "clocks": clocks(case, facts.calendar_of(case), now),
                "duplicates": duplicates_of(case, others),
                "panels": panels,
                "way": self._way(),
                "refusal": self.refusal,
                "words": words,
                "shows_description": facts.adds_something(case.description, words),
                "customer": facts.customer_of(case, others),
                "opened_by": log["timeline"].opened_by,
                "merged_into": into,
                "merged": merged,
                "outcome": facts.outcome_of(case),
                "tag_groups": facts.tags_of(desk) if desk.settings.show_tags else [],
                "custom_facts": custom_facts(case, desk),
                "visit": facts.visit_of(words),
                "questions": facts.questions_of(words) if desk.settings.show_survey_questions else [],
            }
        )


def _missing(form: type[OperationForm]) -> str:
    return _("You may not do this here (“%(what)s” needs the right “%(right)s”); ask an administrator for a role.") % {
        "what": form.title,
        "right": form.permission(),
    }
