"""Exports and imports as jobs: the rights of the moment, one file, one letter, whatever is killed in between."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from case_management.domain.actor import Actor
from case_management.exceptions import RightMissing, ValueUnknown
from case_management.jobs.transfers import run_transfers
from case_management.models import Case, ExportJob, ImportBatch, Membership, Notification, Priority, Unit
from case_management.models.due import DueState
from case_management.notifications.delivery import deliver_due
from case_management.operations import CaseDraft, open_cases
from case_management.resources.export_jobs import download_key, file_name, purge_exports, require_download, start_export
from case_management.resources.import_batches import confirm_import, start_import
from case_management.resources.mapping import Mapping
from case_management.tabular import open_table
from case_management.testing import make_case, make_topic, make_user


@pytest.fixture
def manager(db, settings):
    """A case manager of North, who may export and import there; one case in North, one in South."""
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "BACKGROUND": "manual"}
    Priority.objects.create(name="Normal", key="normal", rank=3, is_default=True)
    north, south = Unit.add_root(number="N", name="North"), Unit.add_root(number="S", name="South")
    make_case(title="Northern", unit=north)
    make_case(title="Southern", unit=south)
    return make_user("manager", role="Case manager", unit=north)


def run_until_idle():
    done = 0
    while ran := run_transfers(timezone.now() + timedelta(seconds=1)):
        done += ran
    return done


def rows_of(job):
    job.refresh_from_db()
    with job.file.open("rb") as kept, open_table(kept.file, format=job.format) as table:
        return [row.values for row in table]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "jsonl"])
def test_an_export_runs_keeps_a_whole_file_and_mails_a_link(manager, format, mailoutbox):
    job = start_export(manager, format=format, query="status=open")
    assert run_until_idle() == 1
    assert [row["title"] for row in rows_of(job)] == ["Northern"]
    with job.file.open("rb") as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == job.sha256
    assert (job.state, job.done, job.total) == (DueState.DONE, 1, 1)
    letter = Notification.objects.get()
    assert (letter.kind, letter.recipient, letter.key) == ("export_ready", manager, f"export_ready:{job.pk}")
    deliver_due()
    (mail,) = mailoutbox
    assert mail.to == ["manager@example.org"]
    assert letter.context["link"] in mail.body
    assert "Northern" not in mail.body
    assert not mail.attachments[1:]
    key = parse_qs(urlsplit(letter.context["link"]).query)["key"][0]
    require_download(job, manager, key)
    job.refresh_from_db()
    assert job.downloads == 1


def test_rights_hold_when_the_export_runs_not_when_it_was_asked_for(manager):
    job = start_export(manager, format="json")
    membership = Membership.objects.get(user=manager)
    membership.unit = Unit.objects.get(number="S")
    membership.save()
    run_until_idle()
    assert [row["title"] for row in rows_of(job)] == ["Southern"]
    refused = start_export(manager, format="json")
    membership.delete()
    run_until_idle()
    refused.refresh_from_db()
    assert (refused.state, bool(refused.file)) == (DueState.DEAD, False)
    assert "may not export" in refused.last_error
    with pytest.raises(RightMissing):
        start_export(manager, format="json")


@pytest.mark.parametrize("wrong", [{"format": "xls"}, {"query": "no_such=filter"}, {"query": "q=" + "x" * 2000}])
def test_an_export_that_cannot_be_is_refused_when_it_is_asked_for(manager, wrong):
    with pytest.raises(ValueUnknown):
        start_export(manager, **{"format": "csv", **wrong})
    assert not ExportJob.objects.exists()


def test_a_link_opens_for_its_owner_only_while_it_lasts_and_while_the_right_does(manager, settings):
    job = start_export(manager, format="csv")
    key = download_key(job)
    with pytest.raises(RightMissing, match="not ready"):
        require_download(job, manager, key)
    run_until_idle()
    job.refresh_from_db()
    other = make_user("other", role="Case manager", unit=None)
    for stranger, offered in ((other, key), (manager, ""), (manager, key[:-1]), (manager, key.swapcase())):
        with pytest.raises(RightMissing):
            require_download(job, stranger, offered)
    another = start_export(manager, format="csv")
    with pytest.raises(RightMissing, match="somebody else"):
        require_download(job, manager, download_key(another))
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "EXPORT_LINK_HOURS": 0}
    with pytest.raises(RightMissing, match="no longer"):
        require_download(job, manager, key)
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "EXPORT_LINK_HOURS": 1}
    ExportJob.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    job.refresh_from_db()
    with pytest.raises(RightMissing, match="its file is gone"):
        require_download(job, manager, download_key(job))
    ExportJob.objects.update(finished_at=timezone.now())
    job.refresh_from_db()
    require_download(job, manager, key)
    Membership.objects.all().delete()
    with pytest.raises(RightMissing, match="may no longer export"):
        require_download(job, get_user_model().objects.get(pk=manager.pk), key)
    job.refresh_from_db()
    assert job.downloads == 1


def test_files_that_nobody_can_fetch_any_more_are_removed(manager):
    job = start_export(manager, format="csv")
    run_until_idle()
    job.refresh_from_db()
    storage, name = job.file.storage, job.file.name
    assert purge_exports(timezone.now()) == 0
    assert storage.exists(name)
    assert purge_exports(timezone.now() + timedelta(hours=73)) == 1
    job.refresh_from_db()
    assert (storage.exists(name), bool(job.file)) == (False, False)


def test_an_import_is_checked_confirmed_and_run_by_the_same_jobs(manager):
    make_topic("food")
    table = b"external_id,source,title,topic,unit_number\n1,Survey,Cold,Food,N\n2,Survey,Cold,Food,S\n"
    batch = start_import(manager, SimpleUploadedFile("cases.csv", table), mapping=Mapping())
    assert run_until_idle() == 1
    confirm_import(batch, manager)
    assert run_until_idle() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.created, batch.failed) == (DueState.DONE, 1, 1)
    assert Case.objects.get(external_id="1").unit.number == "N"
    assert not Notification.objects.exists()


def test_an_import_whose_right_is_gone_meanwhile_is_buried_with_the_reason(manager):
    make_topic("food")
    table = b"external_id,source,title,topic,unit_number\n1,Survey,Cold,Food,N\n"
    batch = start_import(manager, SimpleUploadedFile("cases.csv", table), mapping=Mapping())
    Membership.objects.all().delete()
    run_until_idle()
    batch.refresh_from_db()
    assert (batch.state, "may not import" in batch.last_error) == (DueState.DEAD, True)


def test_a_fault_of_the_machine_is_tried_again_later(manager):
    job = start_export(manager, format="csv")
    ExportJob.objects.update(resource="cases", format="csv")
    storage = job.file.storage
    save, storage.save = storage.save, lambda *arguments, **named: (_ for _ in ()).throw(OSError("disk full"))
    try:
        assert run_transfers(timezone.now()) == 1
    finally:
        storage.save = save
    job.refresh_from_db()
    assert (job.state, job.last_error, job.lease_until, bool(job.file)) == (DueState.PENDING, "OSError", None, False)
    assert run_transfers(timezone.now()) == 0
    assert run_transfers(timezone.now() + timedelta(minutes=1)) == 1
    assert len(rows_of(job)) == 1


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_ends_the_job_once(manager, site_environment):
    draft = CaseDraft(
        title="One of many", topic=make_topic(), source=Case.objects.first().source, unit=Unit.objects.get(number="N")
    )
    open_cases([draft] * 4_000, by=Actor.system("test"))
    job = start_export(manager, format="xlsx")
    options = {"LEASE_SECONDS": 1, "BACKGROUND": "manual", "CHUNK_SIZE": 100}
    environment = {**site_environment, "CASE_MANAGEMENT": json.dumps(options)}
    command = [sys.executable, "-m", "example_project.manage", "run_due_jobs"]
    victim = subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
    while victim.poll() is None and ExportJob.objects.get().total is None:
        time.sleep(0.005)
    assert victim.poll() is None
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    job.refresh_from_db()
    assert (job.state, bool(job.file), Notification.objects.count()) == (DueState.PENDING, False, 0)
    while job.lease_until > timezone.now():
        time.sleep(0.1)
    assert run_until_idle() == 1
    assert (len(rows_of(job)), job.attempts, job.state) == (4_001, 2, DueState.DONE)
    assert Notification.objects.count() == 1
    assert run_until_idle() == 0


def test_what_an_attempt_left_in_the_storage_is_removed_by_the_next(manager):
    job = start_export(manager, format="csv")
    (held,) = ExportJob.objects.claim(timezone.now(), 1)
    storage = job.file.storage
    left = storage.save(file_name(job, 1), BytesIO(b"half"))
    ExportJob.objects.update(lease_until=None)
    run_until_idle()
    job.refresh_from_db()
    assert (held.attempts, job.attempts, storage.exists(left), storage.exists(job.file.name)) == (1, 2, False, True)


def test_nothing_due_is_nothing_done(db):
    assert run_transfers() == 0
    assert not ImportBatch.objects.exists()
