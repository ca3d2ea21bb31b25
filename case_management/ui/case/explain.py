"""Why, and why not: what the rules answered about a case, who was chosen for it and how, and who was told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import Reach, rights_on, visible_to
from case_management.domain.reference import tidy_reference
from case_management.exceptions import CaseManagementError
from case_management.models import AssignmentChain, AssignmentDecision, Case, Rule
from case_management.notifications.told import letters_of
from case_management.rules.explaining import COUNTS_OF_CONTACTS, Reader, askings_of
from case_management.rules.question import Verdict, would_hold
from case_management.ui.decisions import told
from case_management.ui.shell import Crumb, Page

#: Parts of the page: name in the address → heading.
SHOWS = {
    "rules": gettext_lazy("Rules"),
    "assignment": gettext_lazy("Assignment"),
    "mail": gettext_lazy("Notifications"),
}
#: So many assignments come at once.
AT_ONCE = 20


class WhyPage(Page):
    """What was decided about a case and why; whoever may see the case may see it.

    Rules that did not act are named to those who may see rules; letters to others, to those who may see the ledger.
    """

    template_name = "case_management/case/why.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """HTML for people; JSON for ``?format=json`` or where JSON is what the client prefers."""
        self.visible = visible_to(request.user)
        self.case = self._find()
        self.rights = rights_on(request.user, self.case)
        preferred = request.get_preferred_type(["text/html", "application/json"])
        if request.GET.get("format") == "json" or preferred == "application/json":
            response: HttpResponse = JsonResponse(self._as_json(), json_dumps_params={"indent": 2})
        else:
            response = self.render_to_response(self.get_context_data(**kwargs))
        patch_vary_headers(response, ["Accept"])
        return response

    def _find(self) -> Case:
        found: Case | None = self.visible.filter(reference=tidy_reference(self.kwargs["reference"])).first()
        if found is None:
            raise Http404(_("There is no such case, or you may not see it."))
        return found

    def get_page_title(self) -> str:
        """The reference, and what the page is."""
        return _("Why: case %s") % self.case.reference

    def get_crumbs(self) -> list[Crumb]:
        """Back to the case."""
        case = Crumb(self.case.reference, self.shell.reverse("case", self.case.reference))
        return [Crumb(_("Cases"), self.shell.reverse("list")), case, Crumb(_("Why"))]

    @property
    def _show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in SHOWS else "rules"

    def _reader(self) -> Reader:
        everywhere = Reach.of(self.request.user, "view_case").is_everywhere
        return Reader(self.visible, "view_rule" in self.rights, frozenset() if everywhere else COUNTS_OF_CONTACTS)

    def _entries(self) -> tuple[list[Any], int | None]:
        """What the part shows, and the key to go on from."""
        before = self.request.GET.get("before", "")
        place = int(before) if before.isdecimal() and len(before) < 19 else None
        if self._show == "assignment":
            return assignments_of(self.case, place)
        if self._show == "mail":
            only_to = None if "view_notification" in self.rights else self.request.user
            return letters_of(self.case, self.visible, only_to=only_to, before=place)
        return askings_of(self.case, self._reader(), place)

    def _question(self) -> RuleQuestion | None:
        """The rule picker; only for those who may see rules."""
        if self._show != "rules" or "view_rule" not in self.rights:
            return None
        return RuleQuestion(self.request.GET if "rule" in self.request.GET else None)

    def _verdict(self, question: RuleQuestion | None) -> Verdict | None:
        if question is None or not question.is_bound or not question.is_valid():
            return None
        try:
            return would_hold(question.cleaned_data["rule"], self.case, self._reader(), timezone.now())
        except CaseManagementError as error:
            question.add_error("rule", str(error))
            return None

    def _as_json(self) -> dict[str, Any]:
        (entries, following), verdict = self._entries(), self._verdict(self._question())
        found = {"case": self.case.reference, "show": self._show, "entries": [entry.as_json() for entry in entries]}
        return found | {"before": following} | ({"question": verdict.as_json()} if verdict else {})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The part that is asked for."""
        question = self._question()
        verdict = self._verdict(question)
        entries, following = self._entries()
        return super().get_context_data(**kwargs) | {
            "case": self.case,
            "show": self._show,
            "shows": SHOWS.items(),
            "part": f"case_management/case/_why_{self._show}.html",
            "entries": entries,
            "following": following,
            "is_first": not self.request.GET.get("before"),
            "question": question,
            "verdict": verdict,
            "only_own": "view_notification" not in self.rights,
        }


class RuleQuestion(forms.Form):
    """Which rule is asked; live ones first offered, by their order."""

    rule = forms.ModelChoiceField(Rule.objects.none(), label=gettext_lazy("Rule"), empty_label=None)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="cm-why-%s", label_suffix="")
        field: Any = self.fields["rule"]
        field.queryset = Rule.objects.filter(is_active=True).order_by("name", "pk")
        field.widget.attrs["class"] = "cm-input"


class ToldDecision:
    """One assignment (``about``, in words) with its row."""

    def __init__(self, row: AssignmentDecision, chain: str) -> None:
        self.row, self.about = row, told(row, chain)

    def as_json(self) -> dict[str, Any]:
        """For machines: the trace as it was kept."""
        return {
            "at": self.row.decided_at.isoformat(),
            "event": self.row.seq,
            "chain": self.row.chain,
            "to": self.row.user.get_username() if self.row.user else None,
            **self.row.trace,
        }


def assignments_of(case: Case, before: int | None) -> tuple[list[ToldDecision], int | None]:
    """Some decisions, the latest first, and the key to go on from; two queries."""
    rows = AssignmentDecision.objects.filter(case=case).select_related("user").order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: AT_ONCE + 1])
    names = dict(AssignmentChain.objects.values_list("key", "name")) if found else {}
    entries = [ToldDecision(row, names.get(row.chain, row.chain)) for row in found[:AT_ONCE]]
    return entries, found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None
