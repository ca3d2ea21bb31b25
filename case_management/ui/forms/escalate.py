"""The form that moves a case one step up the ladder."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import escalate_case
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.note import note_help
from case_management.ui.forms.refusal import text_area


class EscalateForm(OperationForm):
    """Why somebody above should look at it."""

    slug, verbs = "escalate", ("escalate",)
    title, submit, done = _("Escalate"), _("Escalate"), _("Case escalated.")

    reason = forms.CharField(label=_("Reason"), widget=text_area(3))

    def arrange(self) -> None:
        """Say how long the reason has to be."""
        self.fields["reason"].help_text = note_help(self.desk.settings.note_min_length)

    def gates(self) -> dict[str, str]:
        """The operation speaks of a note."""
        return {"note": "reason"}

    def operate(self, case: Case, by: Actor) -> None:
        """Escalate."""
        escalate_case(case, reason=self.cleaned_data["reason"], by=by)
