"""The forms that put a case on hold and take it up again."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.domain.states import waiting_choices
from case_management.models import Case
from case_management.operations import resume_case, wait_case
from case_management.ui.forms.base import OperationForm, Place


class WaitForm(OperationForm):
    """Whom the case waits for."""

    slug, verbs = "wait", ("wait",)
    title, submit, done = _("Wait"), _("Put on hold"), _("The case waits now.")

    waiting_for = forms.ChoiceField(label=_("Waiting for"), choices=waiting_choices, widget=forms.RadioSelect)

    def operate(self, case: Case, by: Actor) -> None:
        """Wait."""
        wait_case(case, waiting_for=self.cleaned_data["waiting_for"], by=by)


class ResumeForm(OperationForm):
    """One button."""

    slug, verbs = "resume", ("resume",)
    title, submit, done = _("Resume"), _("Resume work"), _("The case is in progress again.")
    place = Place.HEAD

    def operate(self, case: Case, by: Actor) -> None:
        """Resume."""
        resume_case(case, by=by)
