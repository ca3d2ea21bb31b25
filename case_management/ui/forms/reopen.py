"""The form that takes a resolved or closed case up again."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case, ReopenReason
from case_management.operations import reopen_case
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.note import note_help
from case_management.ui.forms.refusal import EntryField, text_area


class ReopenForm(OperationForm):
    """Reason and note."""

    slug, verbs = "reopen", ("reopen",)
    title, submit, done = _("Reopen"), _("Reopen"), _("The case is open again.")
    place, shortcut = Place.TAB, "e"

    reopen_reason = EntryField(ReopenReason.objects.all(), label=_("Reopen reason"))
    note = forms.CharField(label=_("What is still to be done"), widget=text_area())

    def arrange(self) -> None:
        """Offer the reasons."""
        self.choice("reopen_reason").offer(self.desk.entries("reopen_reason"))
        self.fields["note"].help_text = note_help(self.desk.settings.note_min_length)

    def operate(self, case: Case, by: Actor) -> None:
        """Reopen."""
        reopen_case(case, reason=self.cleaned_data["reopen_reason"], note=self.cleaned_data["note"], by=by)
