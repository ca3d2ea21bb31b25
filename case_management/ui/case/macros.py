"""The macros of a case: the menu on its page, the preview of one, and running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.bulk.macros import KEYS, Run, is_quiet, offered_macros, preview_macro, run_macro
from case_management.domain.actor import Actor
from case_management.domain.reference import tidy_reference
from case_management.exceptions import CaseManagementError
from case_management.models import Case, IdempotencyKey, Macro
from case_management.ui.forms.once import fingerprint, once
from case_management.ui.lists.neighbours import LIST
from case_management.ui.shell import Crumb, Page

if TYPE_CHECKING:
    from case_management.ui.case.extras import Scene

RIGHT = "case_management.view_macro"
#: What became of a letter that a macro was to send.
AFTERWARDS: dict[str, str | Promise] = {
    "sent": gettext_lazy("The reply leaves in a moment; until then you can stop it."),
    "asks": gettext_lazy("Nothing was sent yet: the response waits in the reply until you have answered what it asks."),
}


def macros_of(scene: Scene) -> dict[str, Any]:
    """The part of the case page: each macro, its key (the first nine have one), and whether it is run at once."""
    if not scene.request.user.has_perm(RIGHT):
        return {}
    found = offered_macros(scene.request.user, scene.case)
    keys = [str(number) if number <= KEYS else "" for number in range(1, len(found) + 1)]
    return {"macros": [(macro, key, is_quiet(macro)) for macro, key in zip(found, keys, strict=True)]}


class MacroPage(Page):
    """One macro at one case. Reading shows what would happen; sending does it, all or nothing."""

    permission_required = RIGHT
    template_name = "case_management/case/macro.html"
    http_method_names = ["get", "head", "post", "options"]
    icon = "cogs"

    @cached_property
    def case(self) -> Case:
        """The case, for whoever may see it."""
        if not self.request.user.has_perm("case_management.view_case"):
            raise Http404
        rows = visible_to(self.request.user).with_labels()
        found: Case = get_object_or_404(rows, reference=tidy_reference(self.kwargs["reference"]))
        return found

    @cached_property
    def macro(self) -> Macro:
        """One of those that are offered here."""
        offered = {macro.pk: macro for macro in offered_macros(self.request.user, self.case)}
        if self.kwargs["pk"] not in offered:
            raise Http404
        return offered[self.kwargs["pk"]]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What would happen."""
        return self._show(preview_macro(self.macro, self.case, by=Actor.from_user(request.user)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run it on the case as the reader saw it, and go back to the case."""
        case, macro, by = self.case, self.macro, Actor.from_user(request.user)
        if request.POST.get("version") != str(case.version) and not self._was_sent():
            return self._show(
                preview_macro(macro, case, by=by), _("The case was changed since you opened it; look again."), 409
            )
        try:
            response = once(request.user, self._key, lambda: self._run(by))
        except CaseManagementError as error:
            return self._show(preview_macro(macro, case, by=by), error.message, error.http_status)
        outcome, _space, response = response.partition(" ")
        messages.success(request, _("“%s” was run.") % macro)
        if outcome in AFTERWARDS:
            messages.info(request, str(AFTERWARDS[outcome]))
        if not visible_to(request.user).filter(pk=case.pk).exists():
            return redirect(self.shell.reverse("list"))
        return redirect(self._address(response))

    @property
    def _key(self) -> str:
        return fingerprint(self.request.POST, "macro", str(self.kwargs["pk"]), self.kwargs["reference"])

    def _was_sent(self) -> bool:
        """Whether the same click came before: the second half of a double click is no conflict."""
        return IdempotencyKey.objects.filter(user=self.request.user.pk, key=self._key).exists()

    def _run(self, by: Actor) -> str:
        """What became of its letter, and the response that waits in the composer."""
        run = run_macro(self.macro, self.case, by=by)
        outcome = "asks" if run.is_open else "sent" if run.letter else "done"
        return f"{outcome} {run.response.pk if run.response else ''}"

    def _address(self, response: str = "") -> str:
        query = {LIST: self.request.GET[LIST]} if LIST in self.request.GET else {}
        query |= {"do": "reply", "response": response} if response else {}
        address = self.shell.reverse("case", self.case.reference)
        return f"{address}?{urlencode(query)}#cm-composer" if query else address

    def _show(self, run: Run, refusal: str = "", status: int = 200) -> HttpResponse:
        context = {"case": self.case, "macro": self.macro, "run": run, "refusal": refusal, "back": self._address()}
        return self.render_to_response(self.get_context_data(**context), status=status)

    def get_page_title(self) -> str:
        """The macro's name."""
        return _("Macro: %s") % self.macro.name

    def get_crumbs(self) -> list[Crumb]:
        """Below the case."""
        cases, case = self.shell.reverse("list"), self.shell.reverse("case", self.case.reference)
        return [Crumb(_("Cases"), cases), Crumb(self.case.reference, case), Crumb(self.get_page_title())]
