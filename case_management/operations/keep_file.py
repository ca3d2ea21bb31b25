"""Keep a file: it lies beside the case until a message takes it along; what no message took is forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _

from case_management import conf
from case_management.domain.actor import Actor
from case_management.domain.file_names import safe_name, type_of
from case_management.exceptions import FileRefused
from case_management.models import Attachment, Case, Message
from case_management.models.message import generated_name, private_storage

#: A file that no message took along is kept so long, for whoever is still writing.
KEEP_UNSENT = timedelta(days=2)


@dataclass(frozen=True)
class IncomingFile:
    """A file from outside: what its sender calls it, and its bytes."""

    name: str
    content: bytes = field(repr=False)


def keep_file(case: Case, *, name: str, content: File[Any], right: str, by: Actor) -> Attachment:
    """Keep an upload for a message that ``by`` writes (``right``: reply_case or forward_case).

    Raises RightMissing, or FileRefused when it is too large or the storage has no room; then nothing is kept.
    """
    by.require(right, case)
    if (content.size or 0) > conf.attachment_bytes():
        raise FileRefused(too_large(safe_name(name)), fields=["files"])
    return _keep(case, name, content, uploaded_by_id=by.user_id)


def keep_received(message: Message, files: Iterable[IncomingFile]) -> list[Attachment]:
    """Keep what came with a message; a file that cannot be kept fails all of them."""
    return [_keep(message.case, one.name, ContentFile(one.content), message=message) for one in files]


def forget_unsent(now: datetime, limit: int) -> int:
    """Delete files, with their rows, that no message took along; returns how many."""
    old = Attachment.objects.filter(message=None, enclosed_in=None, created_at__lt=now - KEEP_UNSENT)
    rows = list(old.order_by("pk")[:limit])
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        transaction.on_commit(lambda name=row.file.name: private_storage().delete(name), robust=True)  # type: ignore[misc]
    return len(rows)


def too_large(name: str) -> str:
    """What is wrong, and the mend."""
    most = conf.attachment_bytes() // (1024 * 1024)
    return _("“%(name)s” is too large: at most %(most)d MB may go with one message.") % {"name": name, "most": most}


def _keep(case: Case, name: str, content: File[Any], **whose: Any) -> Attachment:
    """The bytes first, then the row: a row never points to nothing."""
    name, storage = safe_name(name), private_storage()
    row = Attachment(case=case, name=name, content_type=type_of(name), size=content.size or 0, **whose)
    row.sha256 = _digest(content)
    place = generated_name(row, name)
    try:
        row.file.name = storage.save(place, content)
    except OSError as error:
        _drop(place)
        raise FileRefused(_("“%s” cannot be kept at present; try later, or send without it.") % name) from error
    try:
        with transaction.atomic():
            row.save()
    except BaseException:
        _drop(row.file.name)
        raise
    return row


def _drop(place: str) -> None:
    try:
        private_storage().delete(place)
    except OSError:  # the disk is away: the file is not there, or nobody can tell
        return


def _digest(content: File[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()
