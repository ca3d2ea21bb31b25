"""Parses XML from strangers in a stream: no document type, no entities, no endless names, depths or tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO, NoReturn
from xml.parsers import expat  # noqa: S405 - this module is the guard around it

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable

_CHUNK = 64 * 1024
_LONGEST_TOKEN = 1024 * 1024
_MOST_NAMES = 5_000
_DEEPEST = 64
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Start = Callable[[dict[str, str]], None]
End = Callable[[], None]
Text = Callable[[str], object]


class StreamParser:
    """Calls ``starts[name](attributes)``, ``ends[name]()`` and ``text(data)`` while it reads; prefixes are ignored."""

    def __init__(
        self, *, starts: Mapping[str, Start], ends: Mapping[str, End] | None = None, text: Text | None = None
    ) -> None:
        self._starts = dict(starts)
        self._ends = dict(ends or {})
        self._text = text
        self._depth = 0

    def feed(self, stream: IO[bytes]) -> Iterator[None]:
        """Parse the stream; hands back control after each piece, so that the caller can collect what was found."""
        chunk = stream.read(_CHUNK)
        parser = self._new_parser("utf-16" if chunk.startswith(_UTF16_MARKS) else "utf-8")
        fed = 0
        while chunk:
            fed += len(chunk)
            parser.Parse(chunk, False)  # noqa: FBT003 - positional by expat's signature
            # What is fed and not yet consumed is one unfinished tag, held in memory as a whole.
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN or len(parser.intern) > _MOST_NAMES:
                _refuse()
            yield
            chunk = stream.read(_CHUNK)
        parser.Parse(b"", True)  # noqa: FBT003
        yield

    def _new_parser(self, encoding: str) -> expat.XMLParserType:
        # A workbook is UTF-8 or UTF-16; the encoding that a document claims for itself is not tried.
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            _refuse()
        handler = self._starts.get(name)
        if handler is not None:
            handler(attributes)
        elif ":" in name:
            handler = self._starts.get(name.rpartition(":")[2])
            if handler is not None:
                handler(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        handler = self._ends.get(name) or (self._ends.get(name.rpartition(":")[2]) if ":" in name else None)
        if handler is not None:
            handler()


def _refuse(*_details: object) -> NoReturn:
    raise TableUnreadable(
        _("The workbook holds XML that no spreadsheet program writes (a document type, entities or endless tags).")
    )
