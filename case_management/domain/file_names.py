"""Names and types of files from outside, made harmless; pure."""

from __future__ import annotations

import re
import unicodedata

#: Bytes of a name, in UTF-8; what is longer loses its middle and keeps its ending.
MOST_BYTES = 150
UNKNOWN = "application/octet-stream"
#: Types that we name; everything else is only bytes.
TYPES = {
    "csv": "text/csv", "doc": "application/msword", "gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "ics": "text/calendar",
    "mp3": "audio/mpeg", "mp4": "video/mp4", "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "pdf": "application/pdf", "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "rtf": "application/rtf",
    "txt": "text/plain", "webp": "image/webp", "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip": "application/zip",
}  # fmt: skip
_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_NO_PLACE = re.compile(r'[<>:"|?*]')


def safe_name(name: str) -> str:
    """The last part of the path, of characters that are seen, without a leading dot, no device's name, not too long."""
    seen = "".join(char for char in unicodedata.normalize("NFC", name) if _is_seen(char))
    bare = " ".join(_NO_PLACE.sub("_", re.split(r"[/\\]", seen)[-1]).split()).strip(". ")
    if _DEVICES.match(bare):
        bare = f"_{bare}"
    return _shortened(bare) or "file"


def _is_seen(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] not in "CZ"


def type_of(name: str) -> str:
    """The content type by the ending of a safe name; what we do not know is only bytes."""
    return TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)


def _shortened(name: str) -> str:
    if len(name.encode()) <= MOST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 12:
        return name.encode()[:MOST_BYTES].decode(errors="ignore")
    kept = stem.encode()[: MOST_BYTES - len(ending.encode()) - 1].decode(errors="ignore")
    return f"{kept}.{ending}"
