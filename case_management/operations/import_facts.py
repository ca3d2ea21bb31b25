"""What a file says of one case, and whether its status and its moments can be true together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.states import DONE, OPEN, Status, WaitingFor
from case_management.exceptions import RowInvalid
from case_management.models import (
    CaseType,
    CloseChannel,
    ClosureReason,
    Contact,
    Priority,
    ResolutionMethod,
    Source,
    Tag,
    Team,
    Topic,
    Unit,
)
from case_management.models.contact import ContactPoint

#: A file may say that a case is open without saying how far it is.
SOME_OPEN_STATUS = "open"
TITLE_LENGTH = 250


@dataclass(frozen=True, slots=True)
class NewContact:
    """A customer whom nobody knows yet; stored with the first case that names them."""

    contact: Contact
    points: tuple[ContactPoint, ...] = ()


@dataclass(slots=True, kw_only=True)
class CaseFacts:
    """One row; None and empty texts say nothing, so they take nothing away from a case that is there already.

    A case is found by ``source`` and ``external_id``, or, where the file has no id of its own, by ``reference``.
    All moments are aware. ``status`` is a status or ``"open"``; left empty it follows from the moments.
    """

    source: Source | None = None
    external_id: str = ""
    reference: str = ""
    title: str = ""
    description: str = ""
    contact: Contact | NewContact | None = None
    topic: Topic | None = None
    case_type: CaseType | None = None
    priority: Priority | None = None
    unit: Unit | None = None
    team: Team | None = None
    assignee_id: int | None = None
    tags: tuple[Tag, ...] | None = None
    status: str = ""
    waiting_for: str = ""
    opened_at: datetime | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    closure_reason: ClosureReason | None = None
    closure_note: str = ""
    resolution_method: ResolutionMethod | None = None
    close_channel: CloseChannel | None = None
    flagged: bool | None = None
    escalation_level: int | None = None
    #: Custom fields by key, as :func:`set_custom_fields` takes them; what is not named stays.
    custom: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, str]:
        """What makes the row one case, for rows that have an external id."""
        return (self.source.pk if self.source else 0, self.external_id)

    def moments(self) -> Iterator[tuple[str, datetime]]:
        """The moments that are given, in the order in which they must have come about."""
        for name in ("opened_at", "started_at", "resolved_at", "closed_at"):
            moment = getattr(self, name)
            if moment is not None:
                yield name, moment

    def claimed_status(self) -> str:
        """The status that the row asks for; empty when it says nothing about it."""
        if self.status:
            return self.status
        if self.closed_at:
            return Status.CLOSED
        if self.resolved_at:
            return Status.RESOLVED
        return Status.IN_PROGRESS if self.started_at else ""


def faults(facts: CaseFacts, now: datetime) -> Iterator[RowInvalid]:
    """What cannot be true of any case, each fault with its column and the mend."""
    yield from _faults_of_time(facts, now)
    status = facts.claimed_status()
    if status in (*OPEN, SOME_OPEN_STATUS) and (facts.resolved_at or facts.closed_at):
        column = "resolved_at" if facts.resolved_at else "closed_at"
        yield _fault(column, _("An open case has no such moment."), _("Empty the cell, or correct the status."))
    if status == Status.RESOLVED and facts.closed_at:
        yield _fault(
            "closed_at", _("A resolved case is not closed yet."), _("Empty the cell, or say “closed” as the status.")
        )
    if facts.waiting_for and facts.waiting_for not in list(WaitingFor):
        mend = _("Write one of: %s.") % ", ".join(WaitingFor)
        yield _fault("waiting_for", _("“%s” is nobody to wait for.") % facts.waiting_for, mend)
    if len(facts.title) > TITLE_LENGTH:
        yield _fault(
            "title",
            _("The title has %(found)d characters; at most %(most)d fit.")
            % {"found": len(facts.title), "most": TITLE_LENGTH},
            _("Shorten it."),
        )


def _faults_of_time(facts: CaseFacts, now: datetime) -> Iterator[RowInvalid]:
    before, earlier = "", None
    for column, moment in facts.moments():
        if moment > now:
            yield _fault(column, _("The moment lies in the future."), _("Correct the date, its year or its time zone."))
        if earlier is not None and moment < earlier:
            yield _fault(
                column,
                _("The moment lies before that of “%s”.") % before,
                _("Correct one of the two; they follow each other in the order of a case's life."),
            )
        before, earlier = column, moment


def _fault(column: str, message: str, mend: str) -> RowInvalid:
    return RowInvalid(message, column=column, mend=mend)


def is_done(status: str) -> bool:
    """Whether that status ends a case."""
    return status in DONE
