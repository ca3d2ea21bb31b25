"""A batch goes on where it was, once: checkpoints, fences, and files that are to be taken in as a whole."""

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

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from case_management.exceptions import NothingToChange, RightMissing
from case_management.models import Case, CaseEvent, ImportBatch
from case_management.models.due import DueState, LeaseLost
from case_management.operations import import_cases
from case_management.resources import case_import, import_batches
from case_management.resources.file_imports import run_file
from case_management.resources.import_batches import confirm_import, run_import, start_import
from case_management.resources.mapping import Mapping
from case_management.resources.refused_rows import write_refused
from case_management.tabular.errors import FormatUnknown
from tests.resources.conftest import as_csv, row


@pytest.fixture
def small_chunks(settings):
    """Chunks of three rows."""
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 3, "BACKGROUND": "manual"}


def upload(rows, name="cases.csv"):
    return SimpleUploadedFile(name, as_csv(rows))


def claimed(batch):
    """The batch as a worker gets it."""
    (held,) = ImportBatch.objects.select_related("requested_by").claim(timezone.now() + timedelta(hours=1), 1)
    assert held.pk == batch.pk
    return held


def many(count, **facts):
    return [row(external_id=f"A{number}", **facts) for number in range(count)]


def counts(batch):
    batch.refresh_from_db()
    return (batch.done, batch.created, batch.updated, batch.skipped, batch.failed, batch.state)


def test_an_upload_is_checked_and_taken_in_only_when_its_owner_says_so(desk, small_chunks):
    batch = start_import(desk.chief, upload([*many(7), row(external_id="B", topic="Drinks")]), mapping=Mapping())
    with pytest.raises(NothingToChange):
        confirm_import(batch, desk.chief)
    run_import(claimed(batch))
    assert counts(batch) == (8, 7, 0, 0, 1, DueState.DONE)
    assert not Case.objects.exists()
    with pytest.raises(RightMissing):
        confirm_import(batch, desk.agent)
    confirm_import(batch, desk.chief)
    run_import(claimed(batch))
    assert counts(batch) == (8, 7, 0, 0, 1, DueState.DONE)
    assert (Case.objects.count(), batch.errors.count()) == (7, 1)
    assert CaseEvent.objects.first().actor_label == f"#{batch.pk} cases.csv"
    with pytest.raises(NothingToChange):
        confirm_import(batch, desk.chief)


def test_what_is_no_table_is_refused_at_the_door(desk):
    with pytest.raises(FormatUnknown):
        start_import(desk.chief, SimpleUploadedFile("cases.xls", b"\xd0\xcf\x11\xe0 old workbook"), mapping=Mapping())
    with pytest.raises(RightMissing):
        start_import(desk.agent, upload(many(1)), mapping=Mapping())
    assert not ImportBatch.objects.exists()


def test_an_interrupted_run_goes_on_after_its_last_chunk(desk, small_chunks):
    rows = [*many(7), row(external_id="A0", title="Another")]
    batch = start_import(desk.chief, upload(rows), mapping=Mapping())
    run_import(claimed(batch))
    confirm_import(batch, desk.chief)
    held, taken = claimed(batch), []

    class Killed(BaseException):
        pass

    def kill_after_two(*arguments):
        if len(taken) == 2:
            raise Killed
        taken.append(whole(*arguments))
        return taken[-1]

    whole, import_batches._take_chunk = import_batches._take_chunk, kill_after_two
    try:
        with pytest.raises(Killed):
            run_import(held)
    finally:
        import_batches._take_chunk = whole
    assert counts(batch)[:2] == (6, 6)
    run_import(claimed(batch))
    assert counts(batch) == (8, 7, 0, 0, 1, DueState.DONE)
    assert batch.errors.get().message.startswith("Row 2 has the same source and external id")
    assert (Case.objects.count(), CaseEvent.objects.count()) == (7, 7)


def test_a_worker_that_lost_its_lease_undoes_its_chunk(desk, small_chunks):
    batch = start_import(desk.chief, upload(many(3)), mapping=Mapping())
    run_import(claimed(batch))
    confirm_import(batch, desk.chief)
    slow = claimed(batch)
    ImportBatch.objects.update(lease_until=timezone.now())
    quick = claimed(batch)
    with pytest.raises(LeaseLost):
        run_import(slow)
    assert not Case.objects.exists()
    run_import(quick)
    assert counts(batch) == (3, 3, 0, 0, 0, DueState.DONE)


def test_all_or_nothing_takes_all_or_nothing(desk, small_chunks, tmp_path):
    whole, path = Mapping.of({"all_or_nothing": True}), tmp_path / "cases.csv"
    path.write_bytes(as_csv([*many(7), row(external_id="B", topic="Drinks")]))
    batch = run_file(path, user=desk.chief, mapping=whole, check_only=False)
    assert counts(batch) == (8, 0, 0, 0, 1, DueState.DONE)
    assert (Case.objects.count(), batch.errors.get().row) == (0, 9)
    path.write_bytes(as_csv(many(7)))
    batch = run_file(path, user=desk.chief, mapping=whole, check_only=False)
    assert counts(batch) == (7, 7, 0, 0, 0, DueState.DONE)
    assert Case.objects.count() == 7


def test_what_the_database_refuses_is_narrowed_down_to_its_row(desk, small_chunks, tmp_path):
    path, trouble = tmp_path / "cases.csv", many(3)
    trouble[1]["contact_external_id"] = "C1"
    rows = [{"contact_external_id": "", **found} for found in trouble]
    path.write_bytes(as_csv(rows))

    def refuse_c1(facts, *, by):
        if any(fact.contact for fact in facts):
            raise IntegrityError("another import was quicker")
        return import_cases(facts, by=by)

    case_import.import_cases, kept = refuse_c1, case_import.import_cases
    try:
        batch = run_file(path, user=desk.chief, mapping=Mapping(), check_only=False)
    finally:
        case_import.import_cases = kept
    assert counts(batch) == (3, 2, 0, 0, 1, DueState.DONE)
    assert (batch.errors.get().row, Case.objects.count()) == (3, 2)


def test_refused_rows_come_back_as_a_file_that_can_be_mended_and_sent_again(desk, small_chunks):
    batch = start_import(desk.chief, upload([*many(2), row(external_id="B", topic="Drinks")]), mapping=Mapping())
    run_import(claimed(batch))
    file = BytesIO()
    assert write_refused(batch, file) == 1
    text = file.getvalue().decode("utf-8-sig")
    assert text.splitlines()[0] == "external_id,source,title,topic,_row,_error"
    assert 'B,Old desk,Cold coffee,Drinks,4,"topic: There is no topic' in text
    mended = SimpleUploadedFile("mended.csv", text.replace("Drinks,4", "Food,4").encode())
    again = start_import(desk.chief, mended, mapping=Mapping())
    run_import(claimed(again))
    assert (counts(again)[1], again.errors.count()) == (1, 0)


def checksum(source):
    """What the cases of a source are, without what differs from run to run."""
    facts = Case.objects.filter(source__name=source).order_by("external_id").values_list(
        "external_id", "title", "status", "topic_id", "unit__number", "opened_at", "resolved_at", "due_at", "version"
    )  # fmt: skip
    events = CaseEvent.objects.filter(case__source__name=source).order_by("case__external_id", "seq")
    told = events.values_list("case__external_id", "seq", "type", "occurred_at")
    return hashlib.sha256(repr((list(facts), list(told))).encode()).hexdigest(), len(facts), len(told)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_started_again_it_ends_like_an_undisturbed_run(desk, site_environment, tmp_path):
    count = 1_500
    rows = [
        row(
            external_id=f"A{number}",
            title=f"Case {number}",
            unit_number="NS"[number % 2],
            opened_at="2024-01-01T09:00Z",
        )
        for number in range(count)
    ]
    for source in ("Old desk", "Other desk"):
        (tmp_path / f"{source}.csv").write_bytes(as_csv([found | {"source": source} for found in rows]))
    (tmp_path / "mapping.toml").write_text("create_missing = true\n")
    environment = {**site_environment, "CASE_MANAGEMENT": json.dumps({"CHUNK_SIZE": 25, "BACKGROUND": "manual"})}

    def start(source):
        command = [sys.executable, "-m", "example_project.manage", "import_cases", str(tmp_path / f"{source}.csv")]
        return subprocess.Popen(
            [*command, "--mapping", str(tmp_path / "mapping.toml"), "--as", "chief"],
            env=environment, start_new_session=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    assert start("Old desk").wait(120) == 0
    kills = 0
    for _attempt in range(2):
        victim, seen = (
            start("Other desk"),
            ImportBatch.objects.filter(name="Other desk.csv").values_list("done", flat=True),
        )
        before = max(seen, default=0)
        while victim.poll() is None and max(seen.all(), default=0) < before + 200:
            time.sleep(0.02)
        if victim.poll() is None:
            os.killpg(victim.pid, signal.SIGKILL)
            kills += 1
        victim.wait()
    part = Case.objects.filter(source__name="Other desk").count()
    assert (kills, 0 < part < count) == (2, True)
    assert start("Other desk").wait(120) == 0
    batch = ImportBatch.objects.get(name="Other desk.csv")
    assert counts(batch) == (count, count, 0, 0, 0, DueState.DONE)
    assert checksum("Other desk") == checksum("Old desk")


def test_the_command_tells_what_was_refused_and_by_its_exit_code(desk, tmp_path, capsys):
    path, report = tmp_path / "cases.csv", tmp_path / "report.json"
    path.write_bytes(as_csv([row(id="7"), row(external_id="B", topic="Drinks", id="8")]))
    with pytest.raises(CommandError) as refusal:
        call_command("import_cases", path, "--as", "chief", "--json", report)
    assert refusal.value.returncode == 3
    found = json.loads(report.read_text())
    assert (found["rows"], found["created"], found["refused"]) == (2, 1, 1)
    assert found["not_read"] == {"id": "Only the system sets this; it is not read from a file."}
    assert found["remarks"][0]["column"] == "topic"
    assert "Columns that were not read: id." in capsys.readouterr().out
    for arguments in (["missing.csv"], [path, "--as", "nobody"], [path, "--mapping", "missing"]):
        with pytest.raises(CommandError):
            call_command("import_cases", *arguments)
    with pytest.raises(CommandError, match="may not import"):
        call_command("import_cases", path, "--as", "agent")
