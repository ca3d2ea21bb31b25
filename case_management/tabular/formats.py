"""The table formats that are read and written, and how a file's format is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.translation import gettext as _

from case_management.tabular.errors import FormatUnknown, TableUnreadable


@dataclass(frozen=True, slots=True)
class Format:
    """One file format: its key, the name a person knows, the ending of the file name, the content type."""

    key: str
    label: str
    extension: str
    content_type: str


FORMATS: Mapping[str, Format] = {
    known.key: known
    for known in (
        Format("csv", "CSV", "csv", "text/csv; charset=utf-8"),
        Format("xlsx", "XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Format("json", "JSON", "json", "application/json"),
        Format("jsonl", "JSON Lines", "jsonl", "application/x-ndjson"),
    )
}

_EXTENSIONS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".ssv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
_BINARY_SIGNATURES = (
    b"\xd0\xcf\x11\xe0",  # the container of .xls and of workbooks with a password
    b"\x1f\x8b",
    b"%PDF",
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"7z\xbc\xaf",
    b"Rar!",
    b"SQLite format",
)
_TEXT_SIGNATURES = (b"<", b"%YAML", b"---\n", b"---\r", b"--- ")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def known_format(key: str) -> Format:
    """The format of that key, or :class:`FormatUnknown` naming those that exist."""
    try:
        return FORMATS[key]
    except KeyError:
        raise _unknown(key) from None


def detect_format(sample: bytes, *, name: str = "", asked: str | None = None) -> str:
    """The key of the format of a file that begins with ``sample``.

    The content decides where it can (a workbook is a ZIP archive); then the format asked for, then the
    ending of the file's name, then the first character.
    """
    if asked is not None:
        known_format(asked)
    if sample.startswith(_BINARY_SIGNATURES):
        raise _unknown(PurePath(name).suffix or _("a binary file"))
    if sample.startswith(_ARCHIVES) != (asked == "xlsx"):
        return _settle_archive(sample, asked)
    return asked or _text_format(sample, PurePath(name).suffix.lower())


def _settle_archive(sample: bytes, asked: str | None) -> str:
    if asked is None:
        return "xlsx"
    if sample.startswith(_ARCHIVES):
        raise TableUnreadable(
            _("The file is a workbook or an archive, not %(format)s. Choose the format XLSX.")
            % {"format": FORMATS[asked].label}
        )
    raise TableUnreadable(_("The file is not an XLSX workbook. Choose its real format or save it as XLSX."))


def _text_format(sample: bytes, extension: str) -> str:
    key = _EXTENSIONS.get(extension)
    if key == "xlsx":
        return _settle_archive(sample, "xlsx")
    start = _text_start(sample)
    if key is None and (extension in _REFUSED_EXTENSIONS or start.startswith(_TEXT_SIGNATURES)):
        raise _unknown(extension or start[:10].decode("ascii", "replace"))
    if key is None:
        return {b"[": "json", b"{": "jsonl"}.get(start[:1], "csv")
    return key


_REFUSED_EXTENSIONS = frozenset({".yaml", ".yml", ".xls", ".xlsb", ".ods", ".html", ".htm", ".xml", ".pickle", ".pkl"})


def _text_start(sample: bytes) -> bytes:
    for bom in _BOMS:
        sample = sample.removeprefix(bom)
    return sample.replace(b"\0", b"").lstrip()


def _unknown(what: str) -> FormatUnknown:
    return FormatUnknown(
        _("“%(what)s” is not a table format that is taken here. Save the file as one of: %(known)s.")
        % {"what": what, "known": ", ".join(known.label for known in FORMATS.values())}
    )
