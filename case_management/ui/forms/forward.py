"""The form that sends what somebody else needs to know of a case, exactly as far as it is ticked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.models import Attachment, Case
from case_management.operations import MessageDraft, forward_case
from case_management.operations.forward_details import Detail, details_files, details_text
from case_management.ui.forms.writing import WritingForm


class ForwardForm(WritingForm):
    """To one or more people outside the conversation; it gives them no right to the case."""

    slug, verbs = "forward", ("forward",)
    title, submit = gettext_lazy("Forward"), gettext_lazy("Forward")
    done = gettext_lazy("Forwarded; it leaves in a moment.")

    details = forms.MultipleChoiceField(
        label=gettext_lazy("Goes along"), choices=Detail.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def arrange(self) -> None:
        """A forward may say nothing but the details."""
        super().arrange()
        self.fields["text"].required = False
        self.fields["to"].help_text = _("They get this mail and nothing else; their answer comes back as internal.")

    def start_values(self) -> dict[str, Any]:
        """The reference tells them what it is about; the title may be anybody's words."""
        return {"subject": _("Case %s") % self.case.reference, "details": [Detail.WORDS.value]}

    def field_order_front(self) -> tuple[str, ...]:
        """What goes along is the point of it."""
        return ("to", "subject", "text", "details", "uploads", "kept")

    def whole_text(self) -> str:
        """Message and signature, then what is ticked."""
        parts = (super().whole_text().strip(), details_text(self.case, self.cleaned_data["details"]))
        return "\n\n".join(part for part in parts if part)

    def enclosed(self) -> tuple[Attachment, ...]:
        """Files of the conversation."""
        return details_files(self.case, self.cleaned_data["details"])

    def attached_names(self) -> list[str]:
        """Every file that goes along."""
        return [*super().attached_names(), *(row.name for row in self.enclosed())]

    def operate(self, case: Case, by: Actor) -> None:
        """Forward."""
        cleaned = self.cleaned_data
        draft = MessageDraft(
            to=cleaned["to"], cc=cleaned["cc"], subject=cleaned["subject"], text=self.whole_text(),
            files=tuple(self.attached()), encloses=self.enclosed(), send_at=cleaned["send_at"], key=cleaned["once"],
        )  # fmt: skip
        forward_case(case, draft, by=by)
