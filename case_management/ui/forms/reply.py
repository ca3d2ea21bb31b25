"""The form that answers the customer, and, if it is asked to, resolves the case with the same press."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseResolved
from case_management.models import Case
from case_management.operations import MessageDraft, reply_and_resolve, reply_to_case
from case_management.ui.forms.guard import GuardedAgainstNews
from case_management.ui.forms.resolve import ResolveForm, resolution
from case_management.ui.forms.scripted import ScriptedForm
from case_management.ui.forms.writing import BUTTON, WritingForm

RESOLVE = "resolve"


class ResolveAlong(ResolveForm):
    """The questions of resolving, inside the reply."""

    prefix = "resolve"
    #: They are asked only where its own button is pressed.
    use_required_attribute = False

    def arrange(self) -> None:
        """What was seen is the reply's to say."""
        super().arrange()
        del self.fields["version"], self.fields["seen"]


class ReplyForm(GuardedAgainstNews, ScriptedForm, WritingForm):
    """A scripted response fills ``subject`` and ``text`` and leaves its number in ``response``."""

    slug, verbs = "reply", ("reply",)
    title, submit, done = _("Reply"), _("Send"), _("Reply written; it leaves in a moment.")
    shortcut = "r"

    cancels_on_answer = forms.BooleanField(label=_("Do not send it if the customer writes first"), required=False)
    waits = forms.BooleanField(label=_("Then wait for the customer"), required=False)

    def start_values(self) -> dict[str, Any]:
        """Addressed to whom the conversation is with; what was stopped before it left stands there again."""
        stopped = self.desk.writing.stopped()
        if stopped is not None:
            kept = [pk for pk, _name in self.desk.entries("unsent")]
            again = {"to": stopped.recipients, "cc": stopped.cc, "subject": stopped.subject, "text": stopped.text}
            return {**again, "signature": "", "kept": kept}
        answer = self.desk.writing.answer()
        return {"to": answer.to, "subject": answer.subject}

    def arrange(self) -> None:
        """Resolving along is offered where it is possible and allowed."""
        super().arrange()
        may_resolve = self.case.is_open and ResolveForm.permission() in self.desk.rights
        data = self.data if self.is_bound else None
        self.resolving = ResolveAlong(data, desk=self.desk) if may_resolve else None
        if not self.case.is_open:
            del self.fields["waits"]

    def parts(self) -> list[forms.Form]:
        """With the questions of resolving."""
        return [*super().parts(), *([self.resolving] if self.resolving else [])]

    @property
    def advances(self) -> bool:
        """Where the case is resolved with it."""
        return self.resolves

    @property
    def resolves(self) -> bool:
        """Whether its button was pressed."""
        return self.is_bound and self.data.get(BUTTON) == RESOLVE and self.resolving is not None

    def is_valid(self) -> bool:
        """Both forms, where both are sent."""
        valid = super().is_valid()
        if self.resolves and self.resolving is not None and not self.resolving.is_valid():
            if valid:
                self.add_error(None, _("The case cannot be resolved yet; see below."))
            return False
        return valid

    def draft(self) -> MessageDraft:
        """What was filled in."""
        cleaned = self.cleaned_data
        return MessageDraft(
            to=cleaned["to"], cc=cleaned["cc"], subject=cleaned["subject"], text=self.whole_text(),
            files=tuple(self.attached()), response=self.picked, send_at=cleaned["send_at"],
            cancels_on_answer=cleaned["cancels_on_answer"], waits=cleaned.get("waits", False), key=cleaned["once"],
        )  # fmt: skip

    def operate(self, case: Case, by: Actor) -> None:
        """Send, or send and resolve."""
        if not self.resolves or self.resolving is None:
            reply_to_case(case, self.draft(), by=by)
            return
        self.require_unchanged(case, [CaseResolved()])
        self.resolving.prepare(case, by)
        reply_and_resolve(case, self.draft(), resolution(self.resolving.cleaned_data), by=by)
