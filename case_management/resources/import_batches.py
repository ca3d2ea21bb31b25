"""Imports in the background: a file is kept, checked, confirmed and taken in chunk by chunk, whatever is killed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management import conf
from case_management.background import wake
from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange, RightMissing
from case_management.models import ImportBatch, ImportRowError
from case_management.models.due import DueState, due_fields, update_mine
from case_management.resources.case_import import CaseImport, Tally, require_import_right
from case_management.resources.catalogue import import_resource_for
from case_management.resources.fingerprint import fingerprint
from case_management.resources.mapping import Mapping
from case_management.tabular import FORMATS, Limits, Row, open_table

#: More remarks than this are counted, not kept.
MOST_REMARKS = 50_000
#: Row number of remarks on the header.
HEADER_ROW = 0


class AllOrNothing(Exception):
    """A row was refused in a file that is to be taken in as a whole; rolls everything back."""


def start_import(user: Any, upload: Any, *, mapping: Mapping, name: str = "") -> ImportBatch:
    """Keep an uploaded file and have it checked; nothing is written before somebody confirms.

    Raises RightMissing, a TabularError when the file is no table, HeaderRefused when its columns make no cases.
    """
    require_import_right(Actor.importing(user, batch="upload"))
    Limits().require("file_bytes", upload.size)
    with open_table(upload) as table:
        format = table.format
        CaseImport(import_resource_for(user), table.headers, mapping, check_only=True)
    batch = ImportBatch(
        requested_by=user,
        format=format,
        name=(name or str(upload.name))[:200],
        mapping=mapping.as_written,
        dry_run=True,
        sha256=fingerprint(upload.file),
        **due_fields(timezone.now()),
    )
    batch.file.save(f"import-{uuid.uuid4().hex}.{FORMATS[format].extension}", File(upload.file), save=False)
    batch.save()
    wake("transfers")
    return batch


@transaction.atomic
def confirm_import(batch: ImportBatch, user: Any) -> None:
    """Take a checked file in. Raises NothingToChange when it is not waiting for this, RightMissing for strangers."""
    if batch.requested_by_id != user.pk:
        raise RightMissing(_("Only who uploaded the file may have it taken in."), permission="import_case")
    fresh = {"dry_run": False, "checkpoint": 0, "done": 0, "created": 0, "updated": 0, "skipped": 0, "failed": 0}
    waiting = ImportBatch.objects.filter(pk=batch.pk, state=DueState.DONE, dry_run=True)
    if not waiting.update(**fresh, attempts=0, finished_at=None, **due_fields(timezone.now())):
        raise NothingToChange(_("This file is taken in already, or not checked yet."))
    batch.errors.all().delete()
    wake("transfers")


def run_import(batch: ImportBatch, file: BinaryIO | None = None) -> ImportBatch:
    """Take the batch's file in, or check it, from its checkpoint on; ``file`` stands for the kept one.

    Safe to be killed at any moment and run again: a chunk and its checkpoint are one transaction.
    """
    with _source(batch, file) as source, open_table(source, format=batch.format) as table:
        mapping = Mapping.of(batch.mapping)
        resource = import_resource_for(batch.requested_by)
        resource.batch_label = f"#{batch.pk} {batch.name}"[:150]
        incoming = CaseImport(resource, table.headers, mapping, check_only=batch.dry_run)
        if batch.checkpoint == 0:
            _remark_on_header(batch, incoming)
        chunks = _unread(batch, incoming, iter(table))
        if mapping.is_all_or_nothing and not batch.dry_run:
            _take_whole(batch, incoming, chunks)
        else:
            for chunk in chunks:
                _take_chunk(batch, incoming, chunk)
    update_mine(
        batch, state=DueState.DONE, total=batch.done, finished_at=timezone.now(), lease_until=None, last_error=""
    )
    return batch


@contextmanager
def _source(batch: ImportBatch, file: BinaryIO | None) -> Iterator[BinaryIO]:
    if file is not None:
        yield file
        return
    with batch.file.open("rb") as kept:
        yield kept.file


def _unread(batch: ImportBatch, incoming: CaseImport, rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The chunks after the checkpoint; what stands before it is only remembered."""
    while chunk := list(islice(rows, conf.chunk_size())):
        known = [row for row in chunk if row.number <= batch.checkpoint]
        incoming.remember(known)
        if fresh := chunk[len(known) :]:
            yield fresh


def _take_whole(batch: ImportBatch, incoming: CaseImport, chunks: Iterator[list[Row]]) -> None:
    """All rows in one transaction, or none; the remarks are kept either way."""
    refused: list[Tally] = []
    try:
        with transaction.atomic():
            refused += [_take_chunk(batch, incoming, chunk) for chunk in chunks]
            if batch.failed:
                raise AllOrNothing
    except AllOrNothing:
        update_mine(batch, created=0, updated=0, skipped=0, failed=batch.failed, done=batch.done)
        for tally in refused:
            _keep_remarks(batch, tally)


@transaction.atomic
def _take_chunk(batch: ImportBatch, incoming: CaseImport, chunk: list[Row]) -> Tally:
    tally = incoming.run(chunk)
    _keep_remarks(batch, tally)
    update_mine(
        batch,
        checkpoint=chunk[-1].number,
        done=batch.done + len(chunk),
        created=batch.created + tally.created,
        updated=batch.updated + tally.updated,
        skipped=batch.skipped + tally.unchanged,
        failed=batch.failed + tally.refused,
        lease_until=timezone.now() + conf.lease(),
    )
    return tally


def _keep_remarks(batch: ImportBatch, tally: Tally) -> None:
    room = MOST_REMARKS - batch.errors.count() if tally.notes else 0
    ImportRowError.objects.bulk_create(
        ImportRowError(
            batch=batch,
            row=note.row,
            column=note.column[:200],
            message=note.message,
            refused=note.refused,
            values={header: _as_json(value) for header, value in note.values.items()} if note.refused else {},
        )
        for note in tally.notes[: max(room, 0)]
    )


def _as_json(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _remark_on_header(batch: ImportBatch, incoming: CaseImport) -> None:
    batch.errors.filter(row=HEADER_ROW).delete()
    ImportRowError.objects.bulk_create(
        ImportRowError(batch=batch, row=HEADER_ROW, column=column[:200], message=why, refused=False)
        for column, why in incoming.header.ignored
    )
