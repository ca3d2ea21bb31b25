"""What a trial looks at: in shares that several workers can take, each in chunks that can be taken up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Max, Min

from case_management import conf

#: Where a share of a trial stands: ``part`` of the rows, the key ``after`` which it goes on, and ``upto`` its last one.
#: By key is looked through "all", or who has no contact ("alone"); "contacts" are looked through one by one.
Place = Mapping[str, Any]
Subjects = list[tuple[int, int | None]]


def shares_of(rows: Any, *, by_contact: bool, parts: int = 1) -> list[Place]:
    """All of it in about so many places; where contacts count, each of them is whole in one of these."""
    if not by_contact:
        return _cut(rows, "all", parts)
    return _cut(rows, "alone", parts) + _cut(rows, "contacts", parts)


def _cut(rows: Any, part: str, parts: int) -> list[Place]:
    ends = _rows_of(rows, part).aggregate(first=Min(_key_of(part)), last=Max(_key_of(part)))
    if ends["first"] is None:
        return []
    before, last = ends["first"] - 1, ends["last"]
    width = -(-(last - before) // parts)
    return [{"part": part, "after": after, "upto": min(after + width, last)} for after in range(before, last, width)]


def _rows_of(rows: Any, part: str) -> Any:
    return rows if part == "all" else rows.filter(contact__isnull=part == "alone")


def _key_of(part: str) -> str:
    return "contact_id" if part == "contacts" else "id"


def chunks_of(rows: Any, place: Place) -> Iterator[tuple[Subjects, Place]]:
    """(id, contact's id) of some thousand rows of a share, and the place from which it goes on."""
    part, key = place["part"], _key_of(place["part"])
    ordered = _rows_of(rows, part).filter(**{f"{key}__lte": place["upto"]}).order_by(key)
    while found := _chunk(ordered.filter(**{f"{key}__gt": place["after"]}), key):
        place = {**place, "after": found[-1][1] if part == "contacts" else found[-1][0]}
        yield found, place


def _chunk(beyond: Any, key: str) -> Subjects:
    if key == "contact_id":
        # Whoever is the last of the chunk comes with all their rows.
        contacts = list(beyond.values_list(key, flat=True)[: conf.chunk_size()])
        beyond = beyond.filter(contact_id__lte=contacts[-1]) if contacts else beyond.none()
        return list(beyond.values_list("pk", "contact_id"))
    return list(beyond.values_list("pk", "contact_id")[: conf.chunk_size()])
