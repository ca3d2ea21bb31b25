"""The forms that make somebody responsible for a case, and nobody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from case_management.access import holders_for
from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import assign_case, unassign_case
from case_management.timeline.names import person
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.refusal import EntryField


class AssignForm(OperationForm):
    """Choose among those who may work the case, or take it oneself with the second button."""

    slug, verbs = "assign", ("assign",)
    title, submit, done = _("Assign"), _("Assign"), _("Case assigned.")
    to_me_label = _("Assign to me")

    assignee = EntryField(get_user_model()._default_manager.none(), label=_("Assignee"), required=False)
    to_me = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def start_values(self) -> dict[str, Any]:
        """The assignee there is."""
        return {"assignee": self.case.assignee_id}

    def arrange(self) -> None:
        """Offer the people who hold the right to resolve here."""
        field = self.choice("assignee")
        field.queryset = holders_for(self.case, "resolve_case")
        field.offer([(user.pk, person(user)) for user in self.desk.people])

    def clean(self) -> dict[str, Any]:
        """Somebody has to be chosen, unless the button says who."""
        if not self.cleaned_data.get("to_me") and self.cleaned_data.get("assignee") is None:
            self.add_error("assignee", ValidationError(_("Choose a person."), code="required"))
        return self.cleaned_data

    def operate(self, case: Case, by: Actor) -> None:
        """Assign."""
        to = by.user if self.cleaned_data["to_me"] else self.cleaned_data["assignee"]
        assign_case(case, to=to, by=by)


class UnassignForm(OperationForm):
    """One button."""

    slug, verbs = "unassign", ("unassign",)
    title, submit, done = _("Unassign"), _("Take off the assignee"), _("Nobody is assigned now.")

    @classmethod
    def fits(cls, case: Case) -> bool:
        """Somebody is assigned."""
        return case.assignee_id is not None

    def operate(self, case: Case, by: Actor) -> None:
        """Unassign."""
        unassign_case(case, by=by)
