"""Opens the ZIP archive of a workbook after it was measured, and only the parts that are asked for."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO
from xml.parsers.expat import ExpatError

from django.utils.translation import gettext as _

from case_management.tabular.errors import TableUnreadable
from case_management.tabular.limits import Limits

_LARGEST_DIRECTORY_ENTRY = 1_024
_RATIO_COUNTS_FROM = 1024 * 1024
_ENCRYPTED = 0x1


class _BoundedDirectory:
    """The file as ``zipfile`` sees it: the archive's directory, which it reads in one piece, is bounded."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        most = max(self._limits.archive_entries * _LARGEST_DIRECTORY_ENTRY, 2**17)
        data = self._file.read(most + 1 if size < 0 else min(size, most + 1))
        if len(data) > most:
            raise self._limits.exceeded("archive_entries", max(size, len(data)) // _LARGEST_DIRECTORY_ENTRY)
        return data


def open_archive(file: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """The archive, its number of parts, unpacked size and ratio having been found within the limits."""
    with unreadable_explained():
        archive = zipfile.ZipFile(_BoundedDirectory(file, limits))
    entries = archive.infolist()
    limits.require("archive_entries", len(entries))
    file.seek(0, 2)
    packed = file.tell()
    unpacked = sum(entry.file_size for entry in entries)
    limits.require("expanded_bytes", unpacked)
    limits.require("expansion_ratio", _ratio(unpacked, packed))
    for entry in entries:
        limits.require("expansion_ratio", _ratio(entry.file_size, entry.compress_size))
    if len(set(archive.namelist())) != len(entries):
        raise TableUnreadable(_("The workbook holds a part twice. Open it and save it anew."))
    return archive


def _ratio(unpacked: int, packed: int) -> int:
    return unpacked // max(packed, 1) if unpacked > _RATIO_COUNTS_FROM else 1


@contextmanager
def open_part(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """The unpacked bytes of one part; never more than the archive's directory declares."""
    entry = archive.NameToInfo.get(name)
    if entry is None:
        raise TableUnreadable(_("The workbook lacks its part “%(name)s”. Open it and save it anew.") % {"name": name})
    with unreadable_explained():
        if entry.flag_bits & _ENCRYPTED:
            raise TableUnreadable(_("The workbook has a password. Save it without one."))
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise TableUnreadable(_("The workbook is packed in an unusual way. Open it and save it anew."))
        with archive.open(entry) as part:
            yield part


@contextmanager
def unreadable_explained() -> Iterator[None]:
    """Turn what goes wrong inside a damaged archive into :class:`TableUnreadable`."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ExpatError) as error:
        raise TableUnreadable(
            _("The workbook is damaged or no XLSX workbook (%(fault)s). Open it and save it anew as XLSX.")
            % {"fault": error}
        ) from error
