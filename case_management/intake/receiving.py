"""Stores what customers said, each thing once, and wakes the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from case_management import conf
from case_management.background import wake
from case_management.intake.contacts import contacts_of
from case_management.intake.response import Response
from case_management.intake.units import NewUnits, find_units
from case_management.models import Interaction, Source
from case_management.models.due import due_fields

#: How often a chunk looks again after another transaction stored one of its responses first.
_LOOKS = 10


@dataclass
class Received:
    """What became of a batch: primary keys of interactions stored now, and of those that were there before.

    A response that stands twice in the batch is new once and known once. ``ids`` leads from a response's key to its
    interaction.
    """

    new: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)


def receive(responses: Sequence[Response], *, source: Source, new_units: NewUnits | None = None) -> Received:
    """Store responses of ``source`` once each; the rules look at the new ones after commit.

    Works chunk by chunk (``CHUNK_SIZE``), each in its own transaction unless the caller holds one. Sending the same
    again stores nothing. Raises ValueUnknown when a unit does not exist and ``new_units`` does not allow to make it;
    then nothing of that chunk was stored.

    >>> receive([Response(external_id="42", score=Decimal(3), comment="Cold food")], source=survey)  # doctest: +SKIP
    Received(new=[1001], known=[], ids={'42': 1001})
    """
    received = Received()
    for chunk in _chunks(responses):
        _receive_chunk(chunk, (source, new_units), received)
    return received


def _chunks(responses: Sequence[Response]) -> Iterator[Sequence[Response]]:
    for start in range(0, len(responses), conf.chunk_size()):
        yield responses[start : start + conf.chunk_size()]


def _receive_chunk(chunk: Sequence[Response], how: tuple[Source, NewUnits | None], received: Received) -> None:
    source, new_units = how
    first: dict[str, Response] = {}
    for response in chunk:
        first.setdefault(response.key, response)
    known, stored = _stored_once(first, source, new_units)
    ids = {**known, **stored}
    unseen = set(stored)
    for response in chunk:
        outcome = received.new if response.key in unseen else received.known
        unseen.discard(response.key)
        outcome.append(ids[response.key])
    received.ids.update(ids)


def _stored_once(
    first: dict[str, Response], source: Source, new_units: NewUnits | None
) -> tuple[dict[str, int], dict[str, int]]:
    """Ids of what was there and of what was stored now, by key.

    Where another transaction stores one of the responses between our look and our insert, the unique constraint undoes
    the attempt as a whole, with the contacts it made, and the next look finds the response.
    """
    for _look in range(_LOOKS - 1):
        with suppress(IntegrityError):
            return _look_and_insert(first, source, new_units)
    return _look_and_insert(first, source, new_units)


@transaction.atomic
def _look_and_insert(
    first: dict[str, Response], source: Source, new_units: NewUnits | None
) -> tuple[dict[str, int], dict[str, int]]:
    known = _known(first, source)
    fresh = [response for key, response in first.items() if key not in known]
    return known, _insert(fresh, source, new_units)


def _known(first: dict[str, Response], source: Source) -> dict[str, int]:
    rows = Interaction.objects.filter(source=source, external_id__in=list(first))
    return dict(rows.values_list("external_id", "pk"))


def _insert(fresh: list[Response], source: Source, new_units: NewUnits | None) -> dict[str, int]:
    """Insert in the order in which things were said, which is also the order in which the rules look at them."""
    if not fresh:
        return {}
    now = timezone.now()
    fresh = sorted(fresh, key=lambda response: (response.occurred_at or now, response.key))
    units = find_units((response.unit for response in fresh if response.unit), new_units)
    contacts = contacts_of([response.contact for response in fresh])
    rows = [_row(response, source, now) for response in fresh]
    for row, response, contact in zip(rows, fresh, contacts, strict=True):
        row.contact = contact
        row.unit = units[response.unit.number] if response.unit else None
    Interaction.objects.bulk_create(rows)
    wake("interactions")
    return {row.external_id: row.pk for row in rows}


def _row(response: Response, source: Source, now: datetime) -> Interaction:
    return Interaction(
        source=source,
        kind=source.kind,
        external_id=response.key,
        title=response.title,
        comment=response.comment,
        score=response.score,
        recommended=response.recommended,
        wants_contact=response.wants_contact,
        answers=response.answers,
        visit=response.visit,
        raw=response.raw,
        occurred_at=response.occurred_at or now,
        **due_fields(now),
    )
