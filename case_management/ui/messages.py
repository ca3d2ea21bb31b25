"""A message as the timeline shows it: its text, its files, how far it got, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from case_management.models import Attachment, Delivery, Message
from case_management.models.due import DueState


@dataclass(frozen=True)
class ShownMessage:
    """One message; its delivery and files are read already."""

    message: Message

    @cached_property
    def delivery(self) -> Delivery | None:
        """The way out; none of what came in."""
        return getattr(self.message, "delivery", None)

    @property
    def files(self) -> list[Attachment]:
        """What came or goes along."""
        return [*self.message.attachments.all(), *self.message.encloses.all()]

    @property
    def state(self) -> str:
        """How far it got, in words."""
        row = self.delivery
        if row is None:
            return ""
        if row.state == DueState.DONE:
            return (_("Sent %s, but not to everybody") if row.last_error else _("Sent %s")) % _at(row.sent_at)
        if row.state == DueState.DEAD:
            return _("Not delivered")
        if row.state == DueState.CANCELLED:
            return _("Stopped: the customer wrote first") if row.reason == "answered" else _("Stopped before it left")
        return (
            _("Tried again at %s") % _at(row.available_at) if row.attempts else _("Leaves %s") % _at(row.available_at)
        )

    @property
    def tone(self) -> str:
        """The colour of the state."""
        tones = {DueState.DONE.value: "ok", DueState.DEAD.value: "danger", DueState.CANCELLED.value: "warn"}
        return tones.get(self.delivery.state, "info") if self.delivery else ""

    @property
    def problem(self) -> str:
        """What the mail server said."""
        row = self.delivery
        return row.last_error if row and row.state != DueState.CANCELLED else ""

    @property
    def can_stop(self) -> bool:
        """Whether it is still here."""
        return self.delivery is not None and self.delivery.may_be_stopped(timezone.now())

    @property
    def can_send_again(self) -> bool:
        """Whether it failed for good."""
        return self.delivery is not None and self.delivery.state == DueState.DEAD


def _at(moment: object) -> str:
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""  # type: ignore[arg-type]
