"""The forms that make somebody responsible for a case, and nobody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from case_management.access import holders_for
from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import assign_case, unassign_case
from case_management.timeline.names import person
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.refusal import EntryField


class AssignForm(OperationForm):
    """Choose among those who may work the case."""

    slug, verbs = "assign", ("assign",)
    title, submit, done = _("Assign"), _("Assign"), _("Case assigned.")
    is_deferred = True

    assignee = EntryField(get_user_model()._default_manager.none(), label=_("Assignee"))

    def start_values(self) -> dict[str, Any]:
        """The assignee there is."""
        return {"assignee": self.case.assignee_id}

    def arrange(self) -> None:
        """Offer the people who hold the right to resolve here."""
        field = self.choice("assignee")
        field.queryset = holders_for(self.case, "resolve_case")
        field.offer([(user.pk, person(user)) for user in self.desk.people])

    def operate(self, case: Case, by: Actor) -> None:
        """Assign."""
        assign_case(case, to=self.cleaned_data["assignee"], by=by)


class TakeForm(OperationForm):
    """One button: whoever presses it is responsible now."""

    slug, verbs = "take", ("assign",)
    title, submit, done = _("Assign to me"), _("Assign to me"), _("The case is yours now.")
    place, shortcut = Place.HEAD, "a"

    @classmethod
    def suits(cls, desk: Desk) -> bool:
        """Those who may work the case and do not have it yet."""
        return "resolve_case" in desk.rights and desk.case is not None and desk.case.assignee_id != desk.user.pk

    def operate(self, case: Case, by: Actor) -> None:
        """Assign."""
        assign_case(case, to=by.user, by=by)


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
