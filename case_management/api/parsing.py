"""Reads the JSON of a request body, and refuses what is too large, too deep or cannot be stored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser

BODY_BYTES = 1024 * 1024
#: A client that is cut off while it still sends sees a broken connection instead of the reply; up to here we listen.
DISCARDED_BYTES = 64 * 1024 * 1024
DEPTH = 8
WHOLE_NUMBERS = 2**63

_CHUNK = 64 * 1024


class BodyTooLarge(APIException):
    """The body has more than ``BODY_BYTES``."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"

    def __init__(self) -> None:
        super().__init__(
            _("The body is larger than %(allowed)d bytes. Send fewer responses in one request.")
            % {"allowed": BODY_BYTES}
        )


class JsonBody(BaseParser):
    """JSON in UTF-8, as RFC 8259 has it: no NaN, no name twice in an object."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:
        """The value; ParseError (400) where it is no JSON, ValidationError (422) where it cannot be stored."""
        body = stream.read(BODY_BYTES + 1)
        if len(body) > BODY_BYTES:
            _discard(stream)
            raise BodyTooLarge
        try:
            value = json.loads(body.decode(), parse_constant=_no_constant, object_pairs_hook=_object_without_repetition)
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise ParseError(_("The body is not valid JSON: %s.") % error) from None
        require_storable(value)
        return value


def _discard(stream: IO[bytes]) -> None:
    left = DISCARDED_BYTES
    while left > 0 and (chunk := stream.read(_CHUNK)):
        left -= len(chunk)


def _no_constant(word: str) -> Any:
    raise ValueError(_("%s is not a number") % word)


def _object_without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("the name “%s” stands twice in one object") % twice[:60])
    return found


def _too_deep() -> ParseError:
    return ParseError(_("The JSON is nested deeper than %d levels. Make it flatter.") % DEPTH)


def require_storable(value: Any) -> None:
    """Raise ValidationError naming each place with a text or number that no database keeps, ParseError if too deep."""
    faults = {path: [fault] for path, fault in _faults(value)}
    if faults:
        raise ValidationError(faults)


def _faults(value: Any) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        path, found, depth = waiting.pop()
        if depth > DEPTH:
            raise _too_deep()
        if isinstance(found, dict):
            waiting += [(_below(path, name), inner, depth + 1) for name, inner in found.items()]
            waiting += [(path, name, depth + 1) for name in found]
        elif isinstance(found, list):
            waiting += [(_below(path, str(place)), inner, depth + 1) for place, inner in enumerate(found)]
        elif isinstance(found, str) and not _is_text(found):
            yield path, _("This holds a NUL character or half of a character. Remove it.")
        elif isinstance(found, int | float) and not (math.isfinite(found) and abs(found) < WHOLE_NUMBERS):
            yield path, _("This number is too large. Send it as text.")


def _below(path: str, name: str) -> str:
    shown = name if _is_text(name) else "?"
    return f"{path}.{shown}" if path else shown


def _is_text(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
