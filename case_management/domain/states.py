"""The five statuses of a case and what groups them."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(StrEnum):
    """Where a case stands; everything else (escalated, past due, flagged) is a fact beside it."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def label(self) -> Promise:
        """The status in the reader's language."""
        return LABELS[self]

    @property
    def is_open(self) -> bool:
        """Open means that somebody still owes the customer something."""
        return self in OPEN


LABELS: dict[Status, Promise] = {
    Status.NEW: _("New"),
    Status.IN_PROGRESS: _("In progress"),
    Status.WAITING: _("Waiting"),
    Status.RESOLVED: _("Resolved"),
    Status.CLOSED: _("Closed"),
}

OPEN: tuple[Status, ...] = (Status.NEW, Status.IN_PROGRESS, Status.WAITING)
DONE: tuple[Status, ...] = (Status.RESOLVED, Status.CLOSED)
ANY: tuple[Status, ...] = OPEN + DONE
#: Closed cases are locked: only reopening and flagging touch them.
UNLOCKED: tuple[Status, ...] = (*OPEN, Status.RESOLVED)


class WaitingFor(StrEnum):
    """Whom a waiting case waits for."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"

    @property
    def label(self) -> Promise:
        """The reason in the reader's language."""
        return _("The customer") if self is WaitingFor.CUSTOMER else _("A third party")


def status_choices() -> list[tuple[str, Promise]]:
    """Pairs for form fields and filters, in the order of the life cycle."""
    return [(str(status), status.label) for status in Status]


def waiting_choices() -> list[tuple[str, Promise]]:
    """Pairs for the reason of a wait."""
    return [(str(reason), reason.label) for reason in WaitingFor]
