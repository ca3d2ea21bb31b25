"""Escalate cases, with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError
from case_management.operations import escalate_case
from case_management.rules.actions.base import Action, Firing, actions


@actions.registered("escalate")
class Escalate(Action):
    """One step up the ladder for each open case."""

    label = _("Escalate")

    class Parameters(forms.Form):
        """``reason``: written as a note on the case."""

        reason = forms.CharField(min_length=10, max_length=500, label=_("Reason"))

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Escalate one by one: a deadline that passes is a single event, not a batch."""
        for firing in firings:
            if firing.case is None:
                continue
            try:
                case = escalate_case(firing.case, reason=parameters["reason"], by=by)
                firing.note({"action": "escalate", "level": case.escalation_level})
            except CaseManagementError as error:
                firing.note({"action": "escalate", "refused": str(error)})
