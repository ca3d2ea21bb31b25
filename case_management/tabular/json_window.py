"""Decodes JSON objects out of a text that is never held in memory as a whole."""

from __future__ import annotations

import io
import json
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable
from case_management.tabular.limits import Limits

_CHUNK = 64 * 1024
_SPACE = " \t\r\n"


class ObjectDecoder:
    """A JSON decoder that tells of keys given twice and refuses what JSON does not have (NaN, Infinity)."""

    def __init__(self) -> None:
        self._twice: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._unique, parse_constant=self._refuse)

    def decode_at(self, text: str, start: int) -> tuple[object, int, str | None]:
        """The value at ``start``, its end, what is wrong with it; ``JSONDecodeError`` if unfinished."""
        self._twice.clear()
        try:
            value, end = self._decoder.raw_decode(text, start)
        except json.JSONDecodeError:
            raise
        except ValueError:
            raise TableUnreadable(_("The JSON holds a number with too many digits.")) from None
        return value, end, self._problem()

    def decode(self, line: str) -> tuple[object, str | None]:
        """The one value of this line and what is wrong with it."""
        start = len(line) - len(line.lstrip(_SPACE))
        value, end, problem = self.decode_at(line, start)
        if line[end:].strip(_SPACE):
            message = "Extra data"
            raise json.JSONDecodeError(message, line, end)
        return value, problem

    def _problem(self) -> str | None:
        if not self._twice:
            return None
        return _("The key “%(key)s” is there twice. Keep one of them.") % {"key": self._twice[0]}

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _value in pairs]
            self._twice.extend(name for name in found if names.count(name) > 1)
        return found

    @staticmethod
    def _refuse(constant: str) -> NoReturn:
        raise TableUnreadable(_("%(constant)s is no JSON value. Write null.") % {"constant": constant})


class JsonWindow:
    """The piece of a JSON text that is being looked at."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._decoder = ObjectDecoder()
        self._data = ""
        self._at = 0
        self._done = 0

    def peek(self) -> str:
        """The next character that is not white space, or ``""`` at the end."""
        while True:
            rest = self._data[self._at : self._at + 1]
            if rest and rest not in _SPACE:
                return rest
            if rest:
                self._at += 1
            elif not self._fill():
                return ""

    def take(self, expected: str) -> None:
        """Step over that character, or say that it is missing."""
        if self.peek() != expected:
            raise _broken(expected, self._done + self._at)
        self._at += 1

    def decode(self) -> tuple[object, str | None]:
        """The value that begins here and what is wrong with it."""
        self.peek()
        while True:
            try:
                value, end, problem = self._decoder.decode_at(self._data, self._at)
            except json.JSONDecodeError as error:
                self._limits.require("row_characters", len(self._data) - self._at)
                place = self._done + error.pos
                if not self._fill():
                    raise _broken(_("a value"), place) from None
                continue
            self._limits.require("row_characters", end - self._at)
            self._at = end
            return value, problem

    def _fill(self) -> bool:
        """Read on, in growing pieces, so that a long value is not decoded over and over."""
        kept = len(self._data) - self._at
        more = self._text.read(max(_CHUNK, kept))
        self._done += self._at
        self._data = self._data[self._at :] + more
        self._at = 0
        return bool(more)


def _broken(expected: str, place: int) -> TableUnreadable:
    return TableUnreadable(
        _("The JSON is broken at character %(place)s, where %(expected)s should be.")
        % {"place": f"{place + 1:,}", "expected": expected}
    )
