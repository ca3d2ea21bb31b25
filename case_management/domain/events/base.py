"""The base of all events and the table of their codes.

An event says what was decided (ids and codes, never text that a person wrote), so history stays true when a table, a
policy or a name is edited later. A note travels beside its event and is stored in a row of its own, where it can be
redacted without touching history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
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
    #: Whether it tells of something that the customer and we said to each other.
    is_message: ClassVar[bool] = False
    #: Who speaks: the customer to us (``in``), we to the customer (``out``), or staff among themselves (``note``).
    voice: ClassVar[str] = ""

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

    def touched(self) -> frozenset[str]:
        """Names of the Case fields that this very event changes."""
        return self.touches

    @classmethod
    def may_contest(cls) -> frozenset[str]:
        """What events of this kind may be contested for; see :meth:`contested`."""
        return cls.touches

    def contested(self) -> frozenset[str]:
        """What two people cannot change at once without seeing the other's value: the touched fields, and texts."""
        return self.touched()

    def payload(self) -> dict[str, Any]:
        """What is stored: JSON-able ids, codes and ISO times."""
        stored = ((name, getattr(self, name)) for name in self._stored())
        return {name: _to_json(value) for name, value in stored if value is not None}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The event as it was; unknown keys of a later release are ignored."""
        known = cls._stored()
        read = {name: _from_json(value, is_moment=known[name]) for name, value in payload.items() if name in known}
        return cls(**read)

    @classmethod
    @cache
    def _stored(cls) -> dict[str, bool]:
        """What events of this kind store, and whether it is a moment."""
        return {item.name: "datetime" in str(item.type) for item in fields(cls) if item.name != "note"}


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value


def _from_json(value: Any, *, is_moment: bool) -> Any:
    if is_moment and isinstance(value, str):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def spoken(*voices: str) -> list[str]:
    """Codes of the events in which one of these voices speaks."""
    return [code for code, event in EVENTS.items() if event.voice in voices]


def projected_fields() -> frozenset[str]:
    """Every Case field that an event may change; nothing but the projection assigns them."""
    return frozenset().union(*(event.touches for event in EVENTS.values()))
