"""The form that adds a note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from case_management.domain.actor import Actor
from case_management.models import Case, NoteSubject
from case_management.operations import add_note
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.refusal import EntryField, text_area


class NoteForm(OperationForm):
    """An internal note, with a subject from the list."""

    slug, verbs = "note", ("note",)
    title, submit, done = _("Note"), _("Add note"), _("Note added.")

    subject = EntryField(NoteSubject.objects.all(), label=_("Subject"), required=False)
    text = forms.CharField(label=_("Note"), widget=text_area(5))

    def arrange(self) -> None:
        """Say how long a note has to be."""
        self.choice("subject").offer(self.desk.entries("subject"))
        self.fields["text"].help_text = note_help(self.desk.settings.note_min_length)

    def gates(self) -> dict[str, str]:
        """The operation speaks of a note."""
        return {"note": "text"}

    def operate(self, case: Case, by: Actor) -> None:
        """Add the note."""
        add_note(case, text=self.cleaned_data["text"], subject=self.cleaned_data["subject"], by=by)


def note_help(least: int) -> str:
    """How long a note has to be, and that the customer does not see it."""
    message = ngettext(
        "At least %d character; internal, the customer does not see it.",
        "At least %d characters; internal, the customer does not see it.",
        least,
    )
    return message % least
