"""What a door hands to intake: one thing that a customer said, whatever format it came in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import RowInvalid

#: Characters that each text may have, at every door.
EXTERNAL_ID_CHARACTERS = 120
TITLE_CHARACTERS = 250
COMMENT_CHARACTERS = 20_000
NAME_CHARACTERS = 200
COUNTRY_CHARACTERS = 80
LANGUAGE_CHARACTERS = 12
POINT_CHARACTERS = 254
UNIT_NUMBER_CHARACTERS = 40
UNIT_NAME_CHARACTERS = 160

_DERIVED_CHARACTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who said it, as far as the door knows."""

    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    external_id: str = ""
    country: str = ""
    language: str = ""

    @property
    def can_be_told_apart(self) -> bool:
        """A country or a language alone describes thousands: that is nobody in particular."""
        return bool(self.external_id or self.emails or self.phones or self.name)


@dataclass(frozen=True, slots=True)
class UnitName:
    """The unit that it is about; the number decides, the name is used where the unit is made."""

    number: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Response:
    """One thing said, checked by the door that read it.

    ``occurred_at`` is aware (UTC or any zone) or None: then the time of receipt counts. ``score`` is on a scale to 10.
    ``raw`` is what came in, as JSON can hold it. One of ``external_id`` and ``raw`` is needed: without an id of its own
    a response is recognised by its content.
    """

    external_id: str = ""
    occurred_at: datetime | None = None
    unit: UnitName | None = None
    score: Decimal | None = None
    recommended: bool | None = None
    wants_contact: bool = False
    title: str = ""
    comment: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    visit: dict[str, Any] = field(default_factory=dict)
    contact: Person | None = None
    raw: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could not be recognised when it comes again."""
        if not self.external_id and not self.raw:
            raise RowInvalid(_("A response needs an external id, or its raw content from which one is derived."))

    @cached_property
    def key(self) -> str:
        """What the response is recognised by within its source."""
        return self.external_id or derived_id(self.raw)


def derived_id(raw: Any) -> str:
    """40 hexadecimal digits that stand for this content, however its keys were ordered."""
    return digest(raw)[:_DERIVED_CHARACTERS]


def digest(content: Any) -> str:
    """SHA-256 of the content's canonical JSON, as 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
