"""Exports in the background: asked for with filters, run with the rights of the moment, fetched by a signed link."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from case_management import conf
from case_management.background import wake
from case_management.exceptions import RightMissing, ValueUnknown
from case_management.models import ExportJob, Notification
from case_management.models.due import DueState, LeaseLost, due_fields, update_mine
from case_management.notifications.links import workspace_url
from case_management.resources.catalogue import CASES, may_export
from case_management.resources.chosen_cases import require_all_in_reach, settle_chosen
from case_management.resources.export_file import export_rows, write_export
from case_management.resources.fingerprint import fingerprint
from case_management.tabular import FORMATS

SALT = "case_management.export"
PAGE = "export_download"
KIND = "export_ready"
MOST_QUERY = 1000


def start_export(user: Any, *, format: str, query: str = "", key: str = CASES) -> ExportJob:
    """Ask for an export. Raises what the export itself would raise now: RightMissing, ValueUnknown."""
    if format not in FORMATS:
        raise ValueUnknown(_("Choose one of: %s.") % ", ".join(FORMATS), fields=["format"])
    if len(query) > MOST_QUERY:
        raise ValueUnknown(_("The filter is too long; leave something out."), fields=["query"])
    export_rows(user, key, query)
    job: ExportJob = ExportJob.objects.create(
        requested_by=user, resource=key, format=format, query=query, **due_fields(timezone.now())
    )
    wake("transfers")
    return job


def run_export(job: ExportJob) -> None:
    """Write the file, keep it, tell the person. Safe to be killed at any moment and run again."""
    user = job.requested_by
    settle_chosen(job.query, user)
    source = export_rows(user, job.resource, job.query)
    with tempfile.TemporaryFile() as file:
        count = write_export(source, job.format, file, lambda done, total: _tell(job, done, total))
        digest = fingerprint(file)
        name = job.file.storage.save(file_name(job, job.attempts), File(file))
    try:
        _finish(job, name=name, sha256=digest, count=count)
    except LeaseLost:
        job.file.storage.delete(name)
        raise
    _forget_earlier_attempts(job)


def _tell(job: ExportJob, done: int, total: int) -> None:
    """How far it is, for the page; and the lease goes on, longer at the start, when the database sorts out the rows."""
    warm_up = timedelta(0) if done else timedelta(seconds=total // 5_000)
    update_mine(job, done=done, total=total, lease_until=timezone.now() + conf.lease() + warm_up)


def file_name(job: ExportJob, attempt: int) -> str:
    """Where an attempt keeps its file: the same whoever asks, and no other job's, even if sites share a storage."""
    mark = salted_hmac(SALT, f"{job.pk} {job.created_at.isoformat()}").hexdigest()[:16]
    return f"exports/{job.created_at:%Y/%m}/{mark}-{attempt}.{FORMATS[job.format].extension}"


@transaction.atomic
def _finish(job: ExportJob, *, name: str, sha256: str, count: int) -> None:
    now = timezone.now()
    done = {"state": DueState.DONE, "lease_until": None, "last_error": "", "finished_at": now}
    update_mine(job, file=name, sha256=sha256, done=count, total=count, **done)
    Notification.objects.owe(
        [
            Notification(
                key=f"{KIND}:{job.pk}",
                kind=KIND,
                recipient=job.requested_by,
                context={"link": download_link(job), "rows": count, "hours": conf.export_link_hours()},
                **due_fields(now),
            )
        ]
    )


def _forget_earlier_attempts(job: ExportJob) -> None:
    """A worker that was killed between keeping the file and saying so has left one behind."""
    for attempt in range(1, job.attempts):
        job.file.storage.delete(file_name(job, attempt))


def download_link(job: ExportJob) -> str:
    """The address for the mail; it opens nothing without the person's own login."""
    return f"{workspace_url(PAGE, job.pk)}?key={download_key(job)}"


def download_key(job: ExportJob) -> str:
    """What the link carries: job and person, signed, with its time."""
    return signing.dumps({"job": job.pk, "user": job.requested_by_id}, salt=SALT)


def require_download(job: ExportJob, user: Any, key: str) -> None:
    """Raise RightMissing unless this person may fetch this file now; count the download otherwise."""
    try:
        signed = signing.loads(key, salt=SALT, max_age=conf.export_link_hours() * 3600)
    except signing.BadSignature:
        raise RightMissing(_("This link is not valid, or no longer; ask for the export again.")) from None
    if signed != {"job": job.pk, "user": user.pk} or job.requested_by_id != user.pk:
        raise RightMissing(_("This export was made for somebody else; ask for one of your own."))
    if not may_export(user, job.resource):
        raise RightMissing(_("You may no longer export; ask an administrator for a role that may."))
    require_all_in_reach(job.query, user)
    if job.state != DueState.DONE or not job.file or timezone.now() > (expires_at(job) or timezone.now()):
        raise RightMissing(_("This export is not ready, or its file is gone; ask for the export again."))
    ExportJob.objects.filter(pk=job.pk).update(downloads=F("downloads") + 1)


def purge_exports(now: datetime, limit: int = 20) -> int:
    """Remove files that can no longer be fetched; returns how many."""
    over = now - timedelta(hours=conf.export_link_hours())
    old = ExportJob.objects.filter(state=DueState.DONE, finished_at__lt=over).exclude(file="")[:limit]
    for job in old:
        job.file.delete(save=False)
        ExportJob.objects.filter(pk=job.pk).update(file="")
    return len(old)


def expires_at(job: ExportJob) -> datetime | None:
    """When the file can no longer be fetched."""
    return job.finished_at + timedelta(hours=conf.export_link_hours()) if job.finished_at else None
