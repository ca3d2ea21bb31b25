"""The one-button forms that stop a message and send a failed one again; they stand at the message itself."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange
from case_management.models import Case, Message
from case_management.operations import cancel_message, send_again
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.desk import Desk


class MessageForm(OperationForm):
    """About one message of the case."""

    place = Place.SECTION

    message = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def suits(cls, desk: Desk) -> bool:
        """The timeline shows it at each message."""
        return False

    def chosen(self, case: Case) -> Message:
        """The message, if it is one of this case."""
        found: Message | None = Message.objects.filter(pk=self.cleaned_data["message"], case=case).first()
        if found is None:
            raise NothingToChange(_("There is no such message on this case."))
        return found


class CancelMessageForm(MessageForm):
    """Undo, within the window and until the chosen time."""

    slug, verbs = "cancel-message", ("cancel_message",)
    title, submit = gettext_lazy("Stop the message"), gettext_lazy("Undo")
    done = gettext_lazy("Stopped: the message was not sent. Its text stands in the form again.")

    def operate(self, case: Case, by: Actor) -> None:
        """Stop it; what was written stands in its form again, which is open."""
        message = self.chosen(case)
        cancel_message(case, message=message, by=by)
        self.opens = message.kind


class SendAgainForm(MessageForm):
    """One more try."""

    slug, verbs = "send-again", ("send_again",)
    title, submit, done = (
        gettext_lazy("Send again"),
        gettext_lazy("Send again"),
        gettext_lazy("The message goes out again."),
    )

    def operate(self, case: Case, by: Actor) -> None:
        """Queue it."""
        send_again(case, message=self.chosen(case), by=by)
