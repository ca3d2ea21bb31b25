"""The one-button forms of the flags: for everybody, and for oneself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case, CaseFlag
from case_management.operations import flag_case, flag_for_me, unflag_case
from case_management.ui.forms.base import OperationForm, Place


class FlagForm(OperationForm):
    """Raise the flag that everybody sees."""

    slug, verbs = "flag", ("flag",)
    title, submit, done = _("Flag"), _("Flag for all"), _("Flagged for everybody.")
    place = Place.HEAD

    @classmethod
    def fits(cls, case: Case) -> bool:
        """The flag is down."""
        return not case.flagged

    def operate(self, case: Case, by: Actor) -> None:
        """Flag."""
        flag_case(case, by=by)


class UnflagForm(OperationForm):
    """Take that flag down."""

    slug, verbs = "unflag", ("unflag",)
    title, submit, done = _("Remove flag"), _("Remove flag for all"), _("The flag for everybody is gone.")
    place = Place.HEAD

    @classmethod
    def fits(cls, case: Case) -> bool:
        """The flag is up."""
        return case.flagged

    def operate(self, case: Case, by: Actor) -> None:
        """Unflag."""
        unflag_case(case, by=by)


class FlagForMeForm(OperationForm):
    """The person's own flag; ``up`` says what they want, so that a double click does not undo itself."""

    slug, verbs = "flag-for-me", ()
    title, submit, done = _("My flag"), _("Flag for me"), _("Your own flag is changed.")
    place = Place.HEAD

    up = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @classmethod
    def permission(cls) -> str:
        """Whoever sees a case may remember it."""
        return "view_case"

    def start_values(self) -> dict[str, Any]:
        """The button turns the flag over."""
        return {"up": not self.desk.is_flagged_by_user}

    def perform(self, case: Case, by: Actor) -> bool:
        """Not an event, so nothing here can conflict, and sending it twice is harmless."""
        if not self.is_valid():
            return False
        is_up = CaseFlag.objects.filter(case=case, user=by.user).exists()
        if is_up != self.cleaned_data["up"]:
            flag_for_me(case, by=by)
        return True
