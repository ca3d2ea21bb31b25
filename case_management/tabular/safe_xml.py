"""Parses XML from strangers in a stream: no document type, entities, endless names, depths or tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO, NoReturn
from xml.parsers import expat

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable

# Small, because a few bytes of a sheet can stand for a long text of the table of shared strings.
_CHUNK = 8 * 1024
_LONGEST_TOKEN = 1024 * 1024
_MOST_NAMES = 5_000
_DEEPEST = 64
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Start = Callable[[dict[str, str]], None]
End = Callable[[], None]
Text = Callable[[str], object]
_StartTag = Callable[[str, dict[str, str]], None]
_EndTag = Callable[[str], None]


class StreamParser:
    """Calls ``starts[name](attributes)``, ``ends[name]()``, ``text(data)``; prefixes of names are ignored."""

    def __init__(
        self, *, starts: Mapping[str, Start], ends: Mapping[str, End] | None = None, text: Text | None = None
    ) -> None:
        self._starts = dict(starts)
        self._ends = dict(ends or {})
        self._text = text

    def feed(self, stream: IO[bytes]) -> Iterator[None]:
        """Parse the stream; yields after each piece, so that the caller can collect what was found."""
        chunk = stream.read(_CHUNK)
        parser = self._new_parser("utf-16" if chunk.startswith(_UTF16_MARKS) else "utf-8")
        fed = 0
        while chunk:
            fed += len(chunk)
            parser.Parse(chunk, False)
            # What is fed and not yet consumed is one unfinished tag, held in memory as a whole.
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN or len(parser.intern) > _MOST_NAMES:
                _refuse()
            yield
            chunk = stream.read(_CHUNK)
        parser.Parse(b"", True)
        yield

    def _new_parser(self, encoding: str) -> expat.XMLParserType:
        # A workbook is UTF-8 or UTF-16; the encoding that a document claims for itself is not tried.
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._handlers()
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        return parser

    def _handlers(self) -> tuple[_StartTag, _EndTag]:
        # Closures, because these two run several times for every cell of a sheet.
        starts, ends = self._starts, self._ends
        depth = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _DEEPEST:
                _refuse()
            if name in starts:
                starts[name](attributes)
            elif ":" in name and (bare := name.rpartition(":")[2]) in starts:
                starts[bare](attributes)

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            if name in ends:
                ends[name]()
            elif ":" in name and (bare := name.rpartition(":")[2]) in ends:
                ends[bare]()

        return start, end


def _refuse(*_details: object) -> NoReturn:
    raise TableUnreadable(
        _(
            "The workbook holds XML that no spreadsheet program writes "
            "(a document type, entities or endless tags). Copy its cells into a new workbook."
        )
    )
