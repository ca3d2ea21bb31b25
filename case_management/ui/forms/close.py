"""The form that locks a resolved case before the grace period ends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import close_case
from case_management.ui.forms.base import OperationForm, Place


class CloseForm(OperationForm):
    """One button."""

    slug, verbs = "close", ("close",)
    title, submit, done = _("Close"), _("Close case"), _("Case closed.")
    place = Place.HEAD

    def operate(self, case: Case, by: Actor) -> None:
        """Close."""
        close_case(case, by=by)
