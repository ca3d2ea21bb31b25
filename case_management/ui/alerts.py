"""Alerts: what is worth knowing and asks for nothing, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.access import visible_to, visible_units
from case_management.access.rights import held_roots
from case_management.models import Alert, Case
from case_management.ui.paging import Cursor, Listing, Order, Segment
from case_management.ui.shell import Page

_NEWEST = Segment("alerts", Order(("raised_at", "id"), descending=True))
_ORDER = "alerts"


def visible_alerts(user: Any) -> Any:
    """Alerts of the units in which ``user`` may see alerts; those without a unit are for roles held everywhere."""
    if user.is_superuser or None in held_roots(user, "view_alert"):
        return Alert.objects.all()
    return Alert.objects.filter(unit__in=visible_units(user, "view_alert"))


@dataclass(frozen=True)
class Row:
    """One alert of the page."""

    alert: Alert
    reference: str


class AlertsPage(Page):
    """The list of alerts."""

    template_name = "case_management/alerts.html"
    page_title = _("Alerts")
    permission_required = "case_management.view_alert"
    section = "alerts"
    icon = "info-circle"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of alerts."""
        alerts = visible_alerts(self.request.user).select_related("unit", "interaction__source", "interaction__contact")
        leaf = Listing(alerts, [_NEWEST]).page(self._cursor(), conf.page_size())
        context = {
            "alerts": self._rows([alert for _name, alert in leaf.rows]),
            "previous_query": _turn("before", leaf.previous),
            "following_query": _turn("after", leaf.following),
        }
        return super().get_context_data(**kwargs) | context

    def _cursor(self) -> Cursor | None:
        key = "before" if "before" in self.request.GET else "after"
        found = Cursor.decode(self.request.GET.get(key, ""), _ORDER, Alert, [_NEWEST])
        return Cursor(found.segment, found.values, key == "before") if found else None

    def _rows(self, alerts: list[Alert]) -> list[Row]:
        """Each alert with the reference of its case, where the reader may open it."""
        wanted = {alert.interaction.case_id for alert in alerts if alert.interaction.case_id}
        found = visible_to(self.request.user).filter(pk__in=wanted) if wanted else Case.objects.none()
        references = dict(found.values_list("pk", "reference"))
        return [Row(alert, references.get(alert.interaction.case_id, "")) for alert in alerts]


def _turn(key: str, cursor: Cursor | None) -> str:
    return urlencode({key: cursor.encode(_ORDER)}) if cursor else ""
