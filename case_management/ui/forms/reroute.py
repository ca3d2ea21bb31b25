"""The form that gives a case to another unit or team."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case, Team, Unit
from case_management.operations import reroute_case
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.refusal import EntryField


class RerouteForm(OperationForm):
    """Unit and team; both are decided at once."""

    slug, verbs = "reroute", ("reroute",)
    title, submit, done = _("Re-route"), _("Re-route"), _("Case re-routed.")
    is_deferred = True

    unit = EntryField(Unit.objects.none(), label=_("Unit"), required=False)
    team = EntryField(Team.objects.active(), label=_("Team"), required=False)

    def start_values(self) -> dict[str, Any]:
        """Where the case is now."""
        return {"unit": self.case.unit_id, "team": self.case.team_id}

    def arrange(self) -> None:
        """Offer the units in which the person may re-route; the case's own stays choosable."""
        unit, team = self.choice("unit"), self.choice("team")
        unit.help_text = _("The assignee is taken off when the case moves.")
        allowed = self.desk.units("reroute_case")
        unit.queryset = allowed | Unit.objects.filter(pk=self.case.unit_id or 0)
        unit.offer([(row.pk, row.indented()) for row in allowed], current=self.case.unit)
        team.queryset = Team.objects.active() | Team.objects.filter(pk=self.case.team_id or 0)
        team.offer(self.desk.entries("team"), current=self.case.team)

    def operate(self, case: Case, by: Actor) -> None:
        """Re-route."""
        reroute_case(case, unit=self.cleaned_data["unit"], team=self.cleaned_data["team"], by=by)
