"""Give cases to another unit or team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management import operations
from case_management.domain.actor import Actor
from case_management.models import Team, Unit
from case_management.operations import Outcome
from case_management.rules.actions.base import Firing, KeyField, actions
from case_management.rules.actions.change import Change


@actions.registered("reroute")
class Reroute(Change):
    """Another unit, another team or both; what is not named stays as it is, the assignee is taken off."""

    key, label = "reroute", _("Re-route to a unit or team")

    class Parameters(forms.Form):
        """``unit``: its number; ``team``: its key; one of them at least."""

        unit = KeyField(Unit.objects.active().order_by("path"), key="number", label=_("Unit"))
        team = KeyField(Team.objects.active(), label=_("Team"))

        def clean(self) -> dict[str, Any]:
            """Somewhere to go."""
            cleaned = super().clean() or {}
            if not self.errors and not cleaned.get("unit") and not cleaned.get("team"):
                raise forms.ValidationError(_("Choose the unit or the team that the case goes to."))
            return cleaned

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``reroute_cases``, once for all that stay in the same unit and team."""
        kept: dict[tuple[int | None, int | None], list[int]] = defaultdict(list)
        for firing in cases:
            if firing.case:
                unit_id = None if parameters["unit"] else firing.case.unit_id
                team_id = None if parameters["team"] else firing.case.team_id
                kept[unit_id, team_id].append(firing.case.pk)
        units = Unit.objects.in_bulk({unit for unit, _team in kept if unit})
        teams = Team.objects.in_bulk({team for _unit, team in kept if team})
        outcome = Outcome()
        for (unit_id, team_id), ids in kept.items():
            unit, team = parameters["unit"] or units.get(unit_id), parameters["team"] or teams.get(team_id)
            part = operations.reroute_cases(ids, unit=unit, team=team, by=by)
            outcome.done += part.done
            outcome.refused += part.refused
        return outcome
