"""Are the files of messages where their rows say, and is there a row for each file?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage

from case_management import conf
from case_management.models import Attachment
from case_management.models.message import ATTACHMENTS, private_storage

#: Without ``full`` so many of the latest files are looked for, and the folders of so many months looked through.
RECENT, MONTHS = 200, 2
#: Bytes are kept before their row is: a younger file without a row may still get one.
YOUNGEST = timedelta(days=1)
#: So many names are told.
TOLD = 10


def files_report(now: datetime, *, full: bool) -> dict[str, Any]:
    """``missing`` are rows without their file, ``strays`` files without a row, None where they cannot be listed.

    ``error`` names what a storage that does not answer said; then nothing else is known.
    """
    storage, found = private_storage(), dict[str, Any]()
    try:
        found["checked"], missing = _missing(storage, full=full)
        strays = _strays(storage, now, full=full)
    except OSError as error:
        return {"error": type(error).__name__}
    found |= {"missing": len(missing), "strays": None if strays is None else len(strays)}
    return found | {"first": [*missing[:TOLD], *(strays or [])[:TOLD]]}


def files_problems(found: dict[str, Any]) -> list[str]:
    """In words."""
    if "error" in found:
        return [f"files: the storage does not answer ({found['error']})"]
    problems = [f"files: {found['missing']} attachments lack their file"] if found["missing"] else []
    return problems + ([f"files: {found['strays']} files belong to no attachment"] if found["strays"] else [])


def _missing(storage: Storage, *, full: bool) -> tuple[int, list[str]]:
    rows = Attachment.objects.order_by("-pk").values_list("file", flat=True)
    names = list(rows if full else rows[:RECENT])
    return len(names), [name for name in names if not storage.exists(name)]


def _strays(storage: Storage, now: datetime, *, full: bool) -> list[str] | None:
    """Files without a row, but for young ones; None where the storage cannot say what it holds."""
    try:
        kept = list(_kept(storage, full=full))
        return [name for name in _without_rows(kept) if now - storage.get_modified_time(name) > YOUNGEST]
    except NotImplementedError:
        return None


def _kept(storage: Storage, *, full: bool) -> Iterator[str]:
    """Names of files; their folders are a year and a month."""
    months = [f"{ATTACHMENTS}/{year}/{month}" for year in _folders(storage, ATTACHMENTS)
              for month in _folders(storage, f"{ATTACHMENTS}/{year}")]  # fmt: skip
    for folder in sorted(months, reverse=True)[: None if full else MONTHS]:
        yield from (f"{folder}/{name}" for name in sorted(storage.listdir(folder)[1]))


def _folders(storage: Storage, place: str) -> list[str]:
    try:
        return list(storage.listdir(place)[0])
    except FileNotFoundError:
        return []


def _without_rows(names: list[str]) -> list[str]:
    strays: list[str] = []
    for start in range(0, len(names), conf.chunk_size()):
        chunk = names[start : start + conf.chunk_size()]
        known = set(Attachment.objects.filter(file__in=chunk).values_list("file", flat=True))
        strays += [name for name in chunk if name not in known]
    return strays
