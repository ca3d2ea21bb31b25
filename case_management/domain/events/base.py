"""The base of all events and the table of their codes.

An event says what was decided (ids and codes, never text that a person wrote), so history stays true when a table, a
policy or a name is edited later. A note travels beside its event and is stored in a row of its own, where it can be
redacted without touching history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.functional import Promise

from case_management.exceptions import InvalidConfiguration

EVENTS: dict[str, type[Event]] = {}


@dataclass(frozen=True, slots=True)
class NoteText:
    """What a person wrote with an event; stored as a CaseNote."""

    text: str
    subject_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events: a code for the stored row, and the changes it makes to the case's row."""

    code: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""
    #: Names of the Case fields that this kind of event may change (used for conflicts and by the AST test).
    touches: ClassVar[frozenset[str]] = frozenset()

    note: NoteText | None = field(default=None, repr=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.code:
            if cls.code in EVENTS:
                raise InvalidConfiguration(f'Two events have the code "{cls.code}".')
            EVENTS[cls.code] = cls

    def changes(self, at: datetime) -> dict[str, Any]:
        """Case field → new value, for an event that happened ``at``."""
        return {}

    def payload(self) -> dict[str, Any]:
        """What is stored: JSON-able ids, codes and ISO times."""
        stored = ((item.name, getattr(self, item.name)) for item in fields(self) if item.name != "note")
        return {name: _to_json(value) for name, value in stored if value is not None}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The event as it was; unknown keys of a later release are ignored."""
        known = {item.name: item for item in fields(cls) if item.name != "note"}
        return cls(**{name: _from_json(known[name].type, value) for name, value in payload.items() if name in known})


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value


def _from_json(annotation: Any, value: Any) -> Any:
    if "datetime" in str(annotation) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def projected_fields() -> frozenset[str]:
    """Every Case field that an event may change; nothing but the projection assigns them."""
    return frozenset().union(*(event.touches for event in EVENTS.values()))
