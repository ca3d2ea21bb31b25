"""The forms that move a case up the ladder and down again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import deescalate_case, escalate_case
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.note import note_help
from case_management.ui.forms.refusal import text_area

#: So many steps up the ladder can be chosen at once.
STEPS = 3


class EscalateForm(OperationForm):
    """Why somebody above should look at it, and how far above."""

    slug, verbs = "escalate", ("escalate",)
    title, submit, done = gettext_lazy("Escalate"), gettext_lazy("Escalate"), gettext_lazy("Case escalated.")

    level = forms.TypedChoiceField(
        label=gettext_lazy("Level"), coerce=int, empty_value=None, required=False, choices=list[tuple[str, str]]
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=text_area(3))

    def start_values(self) -> dict[str, Any]:
        """The next step."""
        return {"level": self.case.escalation_level + 1}

    def arrange(self) -> None:
        """Offer the steps above, and say how long the reason has to be."""
        field: Any = self.fields["level"]
        field.choices = [(level, _("Level %d") % level) for level in self.levels()]
        self.fields["reason"].help_text = note_help(self.desk.settings.note_min_length)

    def levels(self) -> list[int]:
        """Where the case may go."""
        present = self.case.escalation_level
        return [present + step for step in range(1, STEPS + 1)]

    def gates(self) -> dict[str, str]:
        """The operation speaks of a note."""
        return {"note": "reason"}

    def operate(self, case: Case, by: Actor) -> None:
        """Escalate."""
        escalate_case(case, reason=self.cleaned_data["reason"], level=self.cleaned_data["level"], by=by)


class DeescalateForm(EscalateForm):
    """Why it need not stand so high any more."""

    slug, verbs = "deescalate", ("deescalate",)
    title, submit = gettext_lazy("Lower the escalation"), gettext_lazy("Lower the escalation")
    done = gettext_lazy("The escalation is lowered.")
    rare = True

    @classmethod
    def fits(cls, case: Case) -> bool:
        """It is escalated."""
        return case.escalation_level > 0

    def start_values(self) -> dict[str, Any]:
        """Off the ladder."""
        return {"level": 0}

    def arrange(self) -> None:
        """Level 0 is no escalation."""
        super().arrange()
        field: Any = self.fields["level"]
        field.choices = [(0, _("Not escalated")), *field.choices]

    def levels(self) -> list[int]:
        """The steps below."""
        return list(range(1, self.case.escalation_level))

    def operate(self, case: Case, by: Actor) -> None:
        """Lower."""
        level = self.cleaned_data["level"] or 0
        deescalate_case(case, reason=self.cleaned_data["reason"], level=level, by=by)
