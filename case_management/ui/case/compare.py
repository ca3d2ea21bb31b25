"""Two cases side by side, for whoever wants to know whether they are the same matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from case_management.access import may, visible_to
from case_management.domain import transitions
from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.models.contact import PointKind
from case_management.timeline.names import person
from case_management.ui.shell import Crumb, Page


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of both cases."""

    label: str
    one: str
    other: str

    @property
    def is_same(self) -> bool:
        """Whether both say the same, and something."""
        return bool(self.one) and self.one == self.other


class ComparePage(Page):
    """Both cases have to be visible; otherwise neither is."""

    template_name = "case_management/case/compare.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Read both at once."""
        wanted = [tidy_reference(kwargs["reference"]), tidy_reference(kwargs["other"])]
        rows = visible_to(request.user).with_labels().prefetch_related("contact__points")
        found = {case.reference: case for case in rows.filter(reference__in=wanted)}
        if len(found) != len(set(wanted)):
            raise Http404(_("There is no such case, or you may not see it."))
        self.cases = [found[reference] for reference in wanted]
        return self.render_to_response(self.get_context_data(**kwargs))

    def get_page_title(self) -> str:
        """Both references."""
        return _("%(one)s and %(other)s") % {"one": self.cases[0].reference, "other": self.cases[1].reference}

    def get_crumbs(self) -> list[Crumb]:
        """Over the case from which the reader came."""
        first = Crumb(self.cases[0].reference, self.shell.reverse("case", self.cases[0].reference))
        return [Crumb(_("Cases"), self.shell.reverse("list")), first, Crumb(_("Compare"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The cases and their facts."""
        one, other = (_facts(case) for case in self.cases)
        rows = [Row(label, value, other[label]) for label, value in one.items()]
        return super().get_context_data(**kwargs) | {
            "cases": self.cases,
            "rows": [row for row in rows if row.one or row.other],
            "merges": self._merges(),
        }

    def _merges(self) -> list[tuple[Case, Case]]:
        """(from, into) both ways round, where the reader may merge both and both are open."""
        one, other = self.cases
        right = transitions.TABLE["merge"].permission
        if one.pk == other.pk or not (one.is_open and other.is_open):
            return []
        return [(other, one), (one, other)] if all(may(self.request.user, right, case) for case in self.cases) else []


def _facts(case: Case) -> dict[str, str]:
    opened = formats.date_format(timezone.localtime(case.opened_at), "DATETIME_FORMAT")
    return {
        _("Status"): str(case.state.label),
        _("Opened"): opened,
        _("Customer"): str(case.contact or ""),
        _("E-mail"): _points(case, PointKind.EMAIL),
        _("Phone"): _points(case, PointKind.PHONE),
        _("Unit"): str(case.unit or ""),
        _("Topic"): str(case.topic or ""),
        _("Type"): str(case.case_type or ""),
        _("Priority"): str(case.priority or ""),
        _("Contact method"): str(case.source),
        _("Assignee"): person(case.assignee) if case.assignee else "",
        _("Tags"): ", ".join(str(tag) for tag in case.tags.all()),
        _("Description"): case.description,
    }


def _points(case: Case, kind: PointKind) -> str:
    points = case.contact.points.all() if case.contact else ()
    return ", ".join(sorted(point.value for point in points if point.kind == kind))
