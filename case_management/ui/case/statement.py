"""The statement of a case: its clocks, line by line, as a page or as JSON."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page as Slice
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.sla.account import Account, account_of
from case_management.sla.lines import Line, total
from case_management.sla.replies import Reached
from case_management.sla.runs import Run
from case_management.sla.statement_words import KINDS, WHYS, exactly, mark, of_clock, outcome, reason
from case_management.ui.shell import Crumb, Page

#: Lines of one page; a case that is open for years has thousands.
AT_ONCE = 200
#: Replies of one page: a case that is talked about for years owes hundreds.
REPLIES_AT_ONCE = 10


class StatementPage(Page):
    """How the clocks of a case add up; whoever may see the case may see it."""

    template_name = "case_management/case/statement.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """HTML for people; JSON for ``?format=json`` or where JSON is what the client prefers."""
        self.case = self._find()
        self.account = account_of(self.case)
        preferred = request.get_preferred_type(["text/html", "application/json"])
        wants_json = request.GET.get("format") == "json" or preferred == "application/json"
        if wants_json:
            response: HttpResponse = JsonResponse(self.account.as_json(), json_dumps_params={"indent": 2})
        else:
            response = self.render_to_response(self.get_context_data(**kwargs))
        patch_vary_headers(response, ["Accept"])
        return response

    def _find(self) -> Case:
        cases = visible_to(self.request.user).select_related("unit")
        found: Case | None = cases.filter(reference=tidy_reference(self.kwargs["reference"])).first()
        if found is None:
            raise Http404(_("There is no such case, or you may not see it."))
        return found

    def get_page_title(self) -> str:
        """The reference, and what the page is."""
        return _("Clocks of case %s") % self.case.reference

    def get_crumbs(self) -> list[Crumb]:
        """Back to the case."""
        case = Crumb(self.case.reference, self.shell.reverse("case", self.case.reference))
        return [Crumb(_("Cases"), self.shell.reverse("list")), case, Crumb(_("Clocks"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One table per promise, the latest first, one for the customer's clock, and one of all marks."""
        account = self.account
        number = self.request.GET.get("page")
        business = [_business(account, run, number) for run in account.statement.runs]
        owed = list(account.statement.replies.runs.values())[::-1]
        replies = Paginator(owed, REPLIES_AT_ONCE).get_page(number)
        return super().get_context_data(**kwargs) | {
            "case": self.case,
            "account": account,
            "business": business[::-1],
            "replies": [_business(account, run, number) for run in replies],
            "replies_page": replies,
            "marks": Paginator(_marks(account), AT_ONCE).get_page(number),
            "waiting": _table(account.statement.waiting, account.zone, number),
            "waited": exactly(account.statement.waited),
        }


def _business(account: Account, run: Run, number: str | None) -> dict[str, Any]:
    zone = run.hours.zone if run.hours else account.zone
    calendar, version = account.versions.get(run.version or 0, ("", 0))
    policy, terms = account.policy_of(run)
    return {
        "run": run,
        "title": of_clock(run.metric, run.number),
        "policy": policy,
        "terms": terms,
        "calendar": calendar,
        "version": version,
        "outcome": outcome(run),
        **_table(run.lines, zone, number),
    }


def _marks(account: Account) -> list[tuple[Reached, str, str]]:
    """What the clocks have come to and what is to come, with words for the clock and for it."""
    marks = account.statement.replies.marks
    return [(each, of_clock(each.metric, each.number), mark(each.kind, each.value)) for each in marks]


def _table(lines: list[Line], zone: str, number: str | None) -> dict[str, Any]:
    """A page of the lines, and sums by reason over all of them."""
    page: Slice[Line] = Paginator(lines, AT_ONCE).get_page(number)
    kinds = list(dict.fromkeys((line.kind, line.why) for line in lines))
    sums = [
        (KINDS[kind], WHYS[why], exactly(total([line for line in lines if line.why is why], kind)))
        for kind, why in kinds
    ]
    rows = [(line, KINDS[line.kind], reason(line), exactly(line.seconds)) for line in page]
    return {"zone": zone, "rows": rows, "page": page, "sums": sums}
