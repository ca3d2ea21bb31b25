"""The table of texts of a workbook: the first ones in memory, the rest on disk, whatever their number."""

from __future__ import annotations

import tempfile
import zipfile
from array import array
from contextlib import ExitStack
from typing import IO

from case_management.tabular.limits import Limits
from case_management.tabular.safe_xml import StreamParser
from case_management.tabular.xlsx_archive import open_part
from case_management.tabular.xlsx_cells import unescape

_IN_MEMORY = 50_000
_CHARACTERS_IN_MEMORY = 8_000_000


class SharedStrings:
    """Texts by their number; :meth:`append` in order, then look up in any order."""

    def __init__(self, limits: Limits, stack: ExitStack) -> None:
        self._limits = limits
        self._stack = stack
        self._memory: list[str] = []
        self._room = _CHARACTERS_IN_MEMORY
        self._file: IO[bytes] | None = None
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        """Add the next text."""
        count = len(self._memory) + len(self._ends)
        if count > self._limits.shared_strings:
            raise self._limits.exceeded("shared_strings", count)
        if self._file is None and len(self._memory) < _IN_MEMORY and self._room > 0:
            self._room -= len(text)
            self._memory.append(text)
        else:
            self._spill(text.encode("utf-8", "surrogatepass"))

    def _spill(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))

    def __getitem__(self, number: int) -> str:
        """The text of that number; raises ``IndexError`` if there is none."""
        if 0 <= number < len(self._memory):
            return self._memory[number]
        place = number - len(self._memory)
        if number < 0 or self._file is None or place + 1 >= len(self._ends):
            raise IndexError(number)
        start = self._ends[place]
        self._file.seek(start)
        return self._file.read(self._ends[place + 1] - start).decode("utf-8", "surrogatepass")


class _Collector:
    """Joins the runs of each text and leaves out its phonetic reading."""

    def __init__(self, strings: SharedStrings, limits: Limits) -> None:
        self._strings = strings
        self._limits = limits
        self._pieces: list[str] = []
        self._room = limits.cell_characters
        self._wanted = False
        self._phonetic = False

    def parser(self) -> StreamParser:
        return StreamParser(
            starts={
                "si": lambda _attributes: self._begin(),
                "t": lambda _attributes: self._want(wanted=not self._phonetic),
                "rPh": lambda _attributes: self._mute(phonetic=True),
            },
            ends={
                "si": lambda: self._strings.append(unescape("".join(self._pieces))),
                "t": lambda: self._want(wanted=False),
                "rPh": lambda: self._mute(phonetic=False),
            },
            text=self._text,
        )

    def _begin(self) -> None:
        self._pieces.clear()
        self._room = self._limits.cell_characters

    def _want(self, *, wanted: bool) -> None:
        self._wanted = wanted

    def _mute(self, *, phonetic: bool) -> None:
        self._phonetic = phonetic

    def _text(self, data: str) -> None:
        if self._wanted:
            self._room -= len(data)
            if self._room < 0:
                raise self._limits.exceeded("cell_characters", self._limits.cell_characters - self._room)
            self._pieces.append(data)


def read_shared_strings(archive: zipfile.ZipFile, path: str | None, limits: Limits, stack: ExitStack) -> SharedStrings:
    """The workbook's table of texts; what goes to disk is removed by ``stack``."""
    strings = SharedStrings(limits, stack)
    if path is not None and path in archive.NameToInfo:
        with open_part(archive, path) as part:
            for _piece in _Collector(strings, limits).parser().feed(part):
                pass
    return strings
