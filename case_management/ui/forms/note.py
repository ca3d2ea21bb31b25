"""The form that adds a note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.models import Case, NoteSubject
from case_management.operations import add_note, mentions_in
from case_management.ui.forms.base import Button, OperationForm, Place
from case_management.ui.forms.refusal import EntryField, text_area

#: What the suggestions of the field need: where to ask, and what to say.
MENTIONS = {
    "data-cm-mentions": "people/",
    "data-cm-mentions-label": gettext_lazy("People who may see this case"),
    "data-cm-mentions-unknown": gettext_lazy("Calls nobody, or more than one person, who may see this case: %s"),
}


class NoteForm(OperationForm):
    """An internal note, with a subject from the list."""

    slug, verbs = "note", ("note",)
    title, submit, done = gettext_lazy("Note"), gettext_lazy("Save"), gettext_lazy("Note added.")
    place, shortcut = Place.TAB, "n"

    subject = EntryField(NoteSubject.objects.all(), label=gettext_lazy("Subject"), required=False)
    text = forms.CharField(label=gettext_lazy("Note"), widget=text_area(5))

    def arrange(self) -> None:
        """Say how long a note has to be."""
        self.choice("subject").offer(self.desk.entries("subject"))
        self.fields["text"].widget.attrs |= MENTIONS
        self.fields["text"].help_text = note_help(self.desk.settings.note_min_length)

    def buttons(self) -> list[Button]:
        """The note can be the one with which the case is resolved: what was typed goes to that form."""
        possible = transitions.TABLE["resolve"]
        if self.case.state in possible.sources and possible.permission in self.desk.rights:
            return [Button(_("Save and resolve"), verb="resolve")]
        return []

    def gates(self) -> dict[str, str]:
        """The operation speaks of a note."""
        return {"note": "text"}

    def operate(self, case: Case, by: Actor) -> None:
        """Add the note."""
        text = self.cleaned_data["text"]
        add_note(case, text=text, subject=self.cleaned_data["subject"], by=by)
        unknown = mentions_in(text, case).unknown
        if unknown:
            self.notice = _told_nobody(unknown)


def _told_nobody(unknown: tuple[str, ...]) -> str:
    """Calls that call nobody are said, so that nobody waits for an answer."""
    names = ", ".join(f"@{name}" for name in unknown)
    return _("Note added. Nobody, or more than one person, who may see this case is called %s: not told.") % names


def note_help(least: int) -> str:
    """How long a note has to be, and that the customer does not see it."""
    message = ngettext(
        "At least %d character; internal, the customer does not see it.",
        "At least %d characters; internal, the customer does not see it.",
        least,
    )
    return message % least
