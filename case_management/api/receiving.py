"""Takes in what a client posted, one response or a list of them, and words the reply."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import ListSerializer

from case_management.access import visible_units
from case_management.access.rights import held_roots
from case_management.api.serializers import RESPONSES, ResponseSerializer, as_response
from case_management.intake import Response, receive
from case_management.intake.errors import ExternalIdReused, KeyRequired
from case_management.intake.replies import Reply
from case_management.intake.response import derived_id
from case_management.models import Interaction, Source, Unit

PERMISSION = "add_interaction"


@dataclass(frozen=True)
class Posted:
    """One posted response and the key of its source."""

    source: str
    response: Response

    @property
    def identity(self) -> tuple[str, str]:
        """What it is recognised by."""
        return self.source, self.response.key


def take_in(asked: Any, *, user: Any, key: str) -> Reply:
    """Store what was asked and say where it is; ``key`` may be empty. Call it inside a transaction.

    A list is taken in as a whole or not at all. Raises ValidationError naming the fields, KeyRequired, or, for a single
    response, ExternalIdReused.
    """
    is_list = isinstance(asked, list)
    posted = _posted(asked if is_list else [asked], _validated(asked), (user, key))
    sources = _checked(posted, user, is_list=is_list)
    outcomes = _stored(posted, sources)
    return _listed(posted, outcomes) if is_list else _single(posted[0], outcomes)


def reportable_units(user: Any) -> Any:
    """Units about which the user may send responses; a permission held without a membership holds everywhere."""
    bounded = not user.is_superuser and held_roots(user, PERMISSION)
    return visible_units(user, PERMISSION) if bounded else Unit.objects.all()


def readable_units(user: Any) -> Any:
    """Units of whose responses the user may learn: those they report for, and those where a role lets them read."""
    if not user.is_superuser and not held_roots(user, PERMISSION) and held_roots(user, "view_interaction"):
        return visible_units(user, "view_interaction")
    return reportable_units(user)


def _validated(asked: Any) -> Sequence[Mapping[str, Any]]:
    if isinstance(asked, list):
        listed: ListSerializer[Any] = ListSerializer(
            child=ResponseSerializer(), data=asked, allow_empty=False, max_length=RESPONSES
        )
        listed.is_valid(raise_exception=True)
        return list(listed.validated_data)
    single = ResponseSerializer(data=asked)
    single.is_valid(raise_exception=True)
    return [single.validated_data]


def _posted(raw: list[Any], values: Sequence[Mapping[str, Any]], client: tuple[Any, str]) -> list[Posted]:
    user, key = client
    if not key and not all(value.get("external_id") for value in values):
        raise KeyRequired
    return [
        Posted(value["source"], as_response(value, as_received, derived_id([user.pk, key, place])))
        for place, (value, as_received) in enumerate(zip(values, raw, strict=True))
    ]


def _checked(posted: list[Posted], user: Any, *, is_list: bool) -> dict[str, Source]:
    """The sources by key; raises ValidationError for what does not exist and for ids used twice."""
    sources = {row.key: row for row in Source.objects.active().filter(key__in={each.source for each in posted})}
    units = _reportable(user, {each.response.unit.number for each in posted if each.response.unit})
    faults: dict[int, dict[str, list[ErrorDetail]]] = defaultdict(dict)
    for place, each in enumerate(posted):
        unit = each.response.unit
        if each.source not in sources:
            faults[place]["source"] = [ErrorDetail(_("There is no active source with this key."), "value_unknown")]
        if unit and unit.number not in units:
            message = _("There is no unit with this number for which you may report.")
            faults[place]["unit"] = [ErrorDetail(message, "value_unknown")]
    for place in _contradictions(posted):
        message = _("The same external id stands earlier in the list with other content.")
        faults[place]["external_id"] = [ErrorDetail(message, "external_id_reused")]
    if faults:
        raise ValidationError({str(place): fault for place, fault in faults.items()} if is_list else faults[0])
    return sources


def _reportable(user: Any, numbers: set[str]) -> set[str]:
    if not numbers:
        return numbers
    return set(reportable_units(user).filter(number__in=numbers).values_list("number", flat=True))


def _contradictions(posted: list[Posted]) -> Iterator[int]:
    first: dict[tuple[str, str], Any] = {}
    for place, each in enumerate(posted):
        if first.setdefault(each.identity, each.response.raw) != each.response.raw:
            yield place


def _stored(posted: list[Posted], sources: dict[str, Source]) -> dict[tuple[str, str], str]:
    """What became of each: ``new``, ``known``, or ``conflict`` where it is known with other content."""
    outcomes: dict[tuple[str, str], str] = {}
    for source_key in sorted(sources):
        responses = [each.response for each in posted if each.source == source_key]
        received = receive(responses, source=sources[source_key])
        new = set(received.new)
        kept = dict(Interaction.objects.filter(pk__in=set(received.known) - new).values_list("pk", "raw"))
        for response in responses:
            pk = received.ids[response.key]
            # An emptied "as received" was erased on purpose: nothing is left to compare with.
            same = pk in new or kept[pk] in ({}, response.raw)
            outcomes[source_key, response.key] = "new" if pk in new else "known" if same else "conflict"
    return outcomes


def _single(posted: Posted, outcomes: dict[tuple[str, str], str]) -> Reply:
    outcome = outcomes[posted.identity]
    if outcome == "conflict":
        raise ExternalIdReused(
            _("The response “%s” was received before with other content, which is kept. Use a new external id.")
            % posted.response.key,
            fields=["external_id"],
        )
    return Reply(201 if outcome == "new" else 200, json.dumps(_receipt(posted)))


def _listed(posted: list[Posted], outcomes: dict[tuple[str, str], str]) -> Reply:
    receipts, told = [], set[tuple[str, str]]()
    for each in posted:
        outcome = outcomes[each.identity]
        repeated = outcome == "new" and each.identity in told
        receipts.append({**_receipt(each), "outcome": "known" if repeated else outcome})
        told.add(each.identity)
    new = sum(receipt["outcome"] == "new" for receipt in receipts)
    body = {"new": new, "known": len(receipts) - new, "responses": receipts}
    return Reply(201 if new else 200, json.dumps(body))


def _receipt(posted: Posted) -> dict[str, str]:
    url = reverse("case_management_api:response", args=[posted.source, posted.response.key])
    return {"source": posted.source, "external_id": posted.response.key, "url": url}
