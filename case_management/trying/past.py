"""Cases as they were: what their events up to a moment add up to, read in one stream per chunk of cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connections
from django.db.models import TextField
from django.db.models.functions import Cast

from case_management.domain.events import EVENTS, Event, TagsChanged, projected_fields
from case_management.models import Case, CaseEvent
from case_management.models.among import among

#: What a case has before its first event.
_FIELDS: dict[str, Any] = {name: Case._meta.get_field(name) for name in projected_fields()}
_DEFAULTS = {name: field.get_default() for name, field in _FIELDS.items()}
_COLUMNS = ("pk", "case_id", "type", "told", "happened", "written", "seq")
_TEXTS = {
    name: Cast(column, TextField())
    for name, column in (("told", "payload"), ("happened", "occurred_at"), ("written", "recorded_at"))
}
_WHO = ("actor_kind", "actor_id", "caused_by_id", "actor_label")


@dataclass(slots=True)
class Happened:
    """One event of the past; ``depth`` counts the tried rule's own events that led to it."""

    pk: int
    case_id: int
    event: Event
    occurred_at: datetime
    #: When it was recorded, as the database writes it: only to be compared, and reading a moment is dear.
    written: str = ""
    seq: int = 0
    actor_kind: str = ""
    actor_id: int | None = None
    caused_by_id: int | None = None
    actor_label: str = ""
    depth: int = 0

    @property
    def type(self) -> str:
        """The code of the event."""
        return self.event.code


@dataclass(slots=True)
class PastState:
    """What the events so far add up to: the row's facts, its tags, and when something last happened."""

    case_id: int
    values: dict[str, Any] = field(default_factory=lambda: dict(_DEFAULTS))
    tags: set[int] = field(default_factory=set)

    def apply(self, event: Event, at: datetime) -> dict[str, Any]:
        """Take one more event in; returns what the facts that it changed were before."""
        changed = event.changes(at)
        before = {name: self.values[name] for name in changed}
        self.values.update(changed)
        self.values["updated_at"] = at
        if isinstance(event, TagsChanged):
            self.tags = (self.tags | set(event.added)) - set(event.removed)
        return before

    def onto(self, case: Case) -> Case:
        """The same case, its facts as they were."""
        for name, value in self.values.items():
            if getattr(case, name) != value:
                setattr(case, name, value)
        return case


def types_touching(names: Iterable[str]) -> frozenset[str]:
    """Codes of the events that say something about one of these facts (``tags`` counts as one)."""
    wanted = set(names)
    # Some kinds of events decide for themselves which facts each one of them changes.
    found = {code for code, kind in EVENTS.items() if kind.touches & wanted or kind.touched is not Event.touched}
    return frozenset(found | ({"tags_changed"} if "tags" in wanted else set()))


def histories(
    case_ids: list[int], until: datetime, *, types: frozenset[str] | None = None, with_actors: bool = True
) -> Iterator[tuple[int, list[Happened]]]:
    """Case id → its events up to ``until`` in order (only of some types), case by case; one query."""
    rows = CaseEvent.objects.filter(case_id__in=among(CaseEvent, case_ids), occurred_at__lte=until)
    if types is not None:
        rows = rows.filter(type__in=types)
    columns = (*_COLUMNS, *_WHO) if with_actors else _COLUMNS
    stream = rows.annotate(**_TEXTS).order_by("case_id", "seq").values_list(*columns)
    zone = connections[stream.db].timezone
    happened = (_happened(row, zone) for row in stream.iterator(chunk_size=5000))
    for case_id, events in groupby(happened, attrgetter("case_id")):
        yield case_id, list(events)


def _happened(row: tuple[Any, ...], zone: tzinfo | None) -> Happened:
    pk, case_id, code, told, happened, *rest = row
    # What holds an object is read each time, as events are only as unchangeable as what they hold.
    read = _same_event if told.count("{") == 1 else _event
    return Happened(pk, case_id, read(code, told), _moment(happened, zone), *rest)


def _moment(happened: str, zone: tzinfo | None) -> datetime:
    """From the database's own text, several times as quick as by its driver; ``zone`` is meant where none is said."""
    at = datetime.fromisoformat(happened)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _event(code: str, told: str) -> Event:
    return EVENTS[code].from_payload(json.loads(told))


#: Many events say the same of different cases.
_same_event = lru_cache(maxsize=4096)(_event)


def steps(events: list[Happened]) -> Iterator[list[Happened]]:
    """The events that one operation recorded on the case, together: whoever reacts sees them all."""
    for _moment, together in groupby(events, attrgetter("occurred_at", "written")):
        yield list(together)
