"""Split: what belongs to another matter moves to a new case; the old one keeps its clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import (
    CaseLinked,
    CaseSplit,
    Event,
    MessageMoved,
    NoteMoved,
    SplitReceived,
    stored_fact,
)
from case_management.domain.relations import Relation
from case_management.exceptions import GateNotMet, ValueUnknown
from case_management.models import Attachment, Case, CaseEvent, CaseLink, CaseNote, Interaction, Message
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.due import DueState
from case_management.models.message import Direction
from case_management.operations.applying import apply, without_reading
from case_management.operations.open_case import CaseDraft, open_case
from case_management.timeline import texts
from case_management.timeline.recorder import Entry, record


@dataclass(frozen=True)
class Part:
    """What moves: rows of the case that is split."""

    interactions: tuple[Interaction, ...] = ()
    messages: tuple[Message, ...] = ()
    notes: tuple[CaseNote, ...] = ()

    @classmethod
    def of(
        cls, case: Case, *, interactions: Iterable[int] = (), messages: Iterable[int] = (), notes: Iterable[int] = ()
    ) -> Part:
        """The rows with these keys. Raises ValueUnknown where one of them is not the case's own."""
        wanted = (set(interactions), set(messages), set(notes))
        found = (
            tuple(Interaction.objects.filter(case=case, pk__in=wanted[0]).order_by("occurred_at", "pk")),
            tuple(_movable(case).filter(pk__in=wanted[1]).select_related("event").order_by("sent_at", "pk")),
            tuple(CaseNote.objects.filter(case=case, pk__in=wanted[2]).select_related("event").order_by("event__seq")),
        )
        if any(len(rows) != len(keys) for rows, keys in zip(found, wanted, strict=True)):
            raise ValueUnknown(_("What you chose is no longer part of this case; choose again."), fields=["part"])
        if not any(found):
            raise GateNotMet(_("Choose what moves to the new case."), fields=["part"])
        return cls(*found)

    def said_at(self) -> list[datetime]:
        """When the customer said what moves."""
        return sorted([said.occurred_at for said in self.interactions] + _received(self.messages))

    def score(self) -> Decimal | None:
        """The latest survey score that moves."""
        return _latest_score(self.interactions)


@transaction.atomic
def split_case(case: Case, part: Part, *, title: str, by: Actor) -> Case:
    """Open a case for ``part`` of ``case``, as a follow-up of it; returns the new one, ``case`` comes back refreshed.

    Topic, type, priority, place and customer are those of the old case. The new clock starts when the customer said
    the first thing that moves; the old case keeps its own. Raises GateNotMet without a title, ValueUnknown for what is
    not part of the case, RightMissing without the right to split here and to open a case in the unit.
    """
    by = by.at_this_moment()
    case.refresh_from_db(from_queryset=Case.objects.select_for_update())
    part = Part.of(case, **{name: [row.pk for row in getattr(part, name)] for name in _KINDS})
    fresh = open_case(_draft(case, part, title), by=by)
    apply("split", case, without_reading(lambda held: _of_old(held, fresh, part)), by=by)
    recorded = record([Entry(fresh, _of_new(case, part), by)])
    CaseLink.objects.create(kind=Relation.FOLLOW_UP_OF.value, case=fresh, other=case)
    _move(part, fresh, recorded)
    texts.renew([case.pk, fresh.pk])
    return fresh


_KINDS = ("interactions", "messages", "notes")


def _draft(case: Case, part: Part, title: str) -> CaseDraft:
    if case.topic is None:
        raise GateNotMet(_("Give the case a topic first."), fields=["topic"])
    said = part.said_at()
    first = next(iter(part.interactions), None)
    needed = [field.key for field in CustomCatalogue.load().of_type(case.case_type_id) if field.required_to_open]
    values = {**case.custom, **case.custom_texts}
    return CaseDraft(
        title=title,
        topic=case.topic,
        source=first.source if first else case.source,
        priority=case.priority,
        description=first.comment if first else "",
        case_type=case.case_type,
        contact=case.contact,
        unit=case.unit,
        team=case.team,
        custom={key: values[key] for key in needed if key in values},
        clock_from=said[0] if said else None,
    )


def _of_old(case: Case, fresh: Case, part: Part) -> list[Event]:
    """The facts that followed from what moves are worked out anew from what stays."""
    restated: dict[str, Any] = {}
    waited, moved = case.awaiting_since, part.said_at()
    if waited is not None and waited in moved:
        restated["awaiting_since"] = min((at for at in _staying(case, part) if at >= waited), default=None)
    if part.score() is not None:
        stays = case.interactions.exclude(pk__in=[said.pk for said in part.interactions])
        restated["score"] = _latest_score(stays.order_by("occurred_at", "pk"))
    split = CaseSplit(
        into=fresh.pk,
        interactions=tuple(said.pk for said in part.interactions),
        messages=tuple(message.pk for message in part.messages),
        notes=tuple(note.event.seq for note in part.notes),
        restored=_changed(case, restated),
    )
    return [split, CaseLinked(other=fresh.pk, relation=Relation.FOLLOWED_UP_BY.value)]


def _of_new(case: Case, part: Part) -> list[Event]:
    """Whatever of it nobody has answered yet is still to be answered."""
    waited = next((stored for stored in _unanswered(case, part)), None)
    facts = {"awaiting_since": waited, "score": part.score()}
    received = SplitReceived(
        out_of=case.pk,
        interactions=tuple(said.pk for said in part.interactions),
        messages=tuple(message.pk for message in part.messages),
        restored={name: stored_fact(value) for name, value in facts.items() if value is not None},
    )
    messages = [MessageMoved(out_of=case.pk, message=message.pk) for message in part.messages]
    notes = [
        NoteMoved(out_of=case.pk, author=note.event.actor_id, written_at=note.event.occurred_at) for note in part.notes
    ]
    return [received, *messages, *notes, CaseLinked(other=case.pk, relation=Relation.FOLLOW_UP_OF.value)]


def _unanswered(case: Case, part: Part) -> list[datetime]:
    """When the customer said what moves and nobody has answered yet; later than our last letter in the old case."""
    answered = (
        Message.objects.filter(case=case, direction=Direction.OUTBOUND, is_internal=False)
        .order_by("-sent_at")
        .values_list("sent_at")
    ).first()
    return [at for at in part.said_at() if answered is None or at > answered[0]]


def _staying(case: Case, part: Part) -> list[datetime]:
    said = case.interactions.exclude(pk__in=[row.pk for row in part.interactions])
    messages = case.messages.exclude(pk__in=[row.pk for row in part.messages]).select_related("event")
    return [*said.values_list("occurred_at", flat=True), *_received(messages)]


def _movable(case: Case) -> Any:
    """Messages that are on no way any more."""
    return Message.objects.filter(case=case).exclude(delivery__state=DueState.PENDING)


def _received(messages: Iterable[Message]) -> list[datetime]:
    """When the customer's own messages came in; what machines wrote awaits no answer."""
    own = [message for message in messages if message.direction == Direction.INBOUND and not message.is_internal]
    told = [(message, message.event) for message in own]
    return [
        event.occurred_at if event else message.sent_at
        for message, event in told
        if not (event and event.payload.get("automatic"))
    ]


def _latest_score(interactions: Iterable[Interaction]) -> Decimal | None:
    return next((said.score for said in reversed(list(interactions)) if said.score is not None), None)


def _changed(case: Case, facts: dict[str, Any]) -> dict[str, Any]:
    return {name: stored_fact(value) for name, value in facts.items() if getattr(case, name) != value}


def _move(part: Part, to: Case, recorded: list[CaseEvent]) -> None:
    """The rows themselves; notes and messages hang on the events that tell of their move."""
    Interaction.objects.filter(pk__in=[said.pk for said in part.interactions]).update(case=to)
    Attachment.objects.filter(message__in=[message.pk for message in part.messages]).update(case=to)
    moves: tuple[tuple[Any, str], ...] = ((part.messages, MessageMoved.code), (part.notes, NoteMoved.code))
    for rows, code in moves:
        told = [stored for stored in recorded if stored.type == code]
        for row, stored in zip(rows, told, strict=True):
            type(row).objects.filter(pk=row.pk).update(case=to, event=stored)
