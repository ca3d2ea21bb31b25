"""What the customer and colleagues said on a case after somebody opened it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from case_management.domain.events import spoken
from case_management.models import Case, CaseEvent, Interaction, Message
from case_management.ui.timeline import Entry, entries_of

#: So many are told, the latest first; the timeline has the rest.
MOST = 5
#: Letters of each text.
LONGEST = 2000


@dataclass(frozen=True)
class News:
    """One thing that was said."""

    number: int
    sentence: str
    who: str
    at: datetime
    text: str


def news_since(case: Case, seen: int, reader: Any, *voices: str) -> list[News]:
    """What ``voices`` said on ``case`` after its event number ``seen``, but for what ``reader`` said, the latest first.

    One query where nothing was.
    """
    wanted = Q(type__in=spoken(*voices))
    if "note" in voices:
        wanted |= Q(note__isnull=False)
    later = CaseEvent.objects.filter(wanted, case=case, seq__gt=seen).exclude(actor=reader)
    rows = later.select_related("actor", "note__subject").order_by("-seq")[: MOST * 4]
    found = [stored for stored in rows if "note" in voices or not _is_aside(stored)][:MOST]
    if not found:
        return []
    texts = _texts(found)
    return [_told(entry, texts) for entry in entries_of(case, found)]


def _told(entry: Entry, texts: dict[int, str]) -> News:
    text = entry.note.text if entry.note else texts.get(entry.number, "")
    return News(entry.number, entry.sentence, entry.who, entry.at, text[:LONGEST])


def _is_aside(stored: CaseEvent) -> bool:
    """Written to others than the customer, or by a machine: nothing that an answer would have to know."""
    return stored.payload.get("kind") == "forward" or bool(stored.payload.get("automatic"))


def _texts(events: Sequence[CaseEvent]) -> dict[int, str]:
    """Number of the event → what the customer or we wrote."""
    said = dict(_ids(events, "interaction"))
    written = dict(_ids(events, "message"))
    words = Interaction.objects.in_bulk(said.values()) if said else {}
    letters = Message.objects.in_bulk(written.values()) if written else {}
    found = {seq: words[pk].comment for seq, pk in said.items() if pk in words}
    return found | {seq: letters[pk].text for seq, pk in written.items() if pk in letters}


def _ids(events: Sequence[CaseEvent], key: str) -> list[tuple[int, int]]:
    return [(stored.seq, stored.payload[key]) for stored in events if isinstance(stored.payload.get(key), int)]
