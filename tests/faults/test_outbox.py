"""Whatever is killed, stopped or emptied: everything goes out, and once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time

import pytest
import redis

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_case
from example_project.processes import session_members, wait_until
from tests.faults.conftest import delivered, expect_all, minutes_ago

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_letters_go_out_once_and_the_check_is_clean(clockwork, assign, smtp_sink):
    clockwork.start_all()
    counts = expect_all(assign(20), smtp_sink)
    assert set(counts.values()) == {1}
    wait_until(lambda: clockwork.check()["problems"] == [], seconds=30, what="a clean check")
    assert clockwork.manage("verify_timeline").returncode == 0


def test_killing_workers_at_random_loses_no_letter(clockwork, assign, smtp_sink):
    clockwork.start_all()
    keys, dice = [], random.Random(5)
    kills = 0
    for _ in range(6):
        keys += assign(15)
        time.sleep(dice.uniform(0.2, 1.5))
        clockwork.kill_workers()
        kills += 1
        clockwork.start("worker", "case_worker")
    counts = expect_all(keys, smtp_sink)
    assert sum(counts.values()) - len(counts) <= kills


def test_a_worker_killed_before_the_server_answers_sends_again_under_the_same_message_id(clockwork, assign, smtp_sink):
    smtp_sink.set_mode("slow")  # kept, but answered only after seconds: the window in which nobody can know
    clockwork.start_all()
    keys = assign(1)
    wait_until(lambda: bool(delivered(smtp_sink)), seconds=40, what="the letter at the server")
    clockwork.kill_workers()
    smtp_sink.set_mode("ok")
    clockwork.start("worker", "case_worker")
    notifications = models.Notification.objects.filter(key__in=keys, state="done")
    wait_until(notifications.exists, seconds=60, what="the stamp")
    counts = delivered(smtp_sink)
    assert list(counts.values()) in ([1], [2])
    assert set(counts) == {models.notification.message_id(keys[0])}


def test_emptied_and_stopped_redis_loses_nothing_and_keeps_nobody_waiting(clockwork, assign, smtp_sink, valkey):
    clockwork.start_all()
    keys = assign(5)
    valkey.stop()
    started = time.monotonic()
    keys += assign(10)
    assert time.monotonic() - started < 10 * 2
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    counts = expect_all(keys, smtp_sink, seconds=60)
    assert set(counts.values()) == {1}


def test_a_graceful_restart_under_load_loses_and_doubles_nothing(clockwork, assign, smtp_sink):
    clockwork.start_all()
    keys = []
    for _ in range(3):
        keys += assign(10)
        clockwork.processes.stop("worker", grace=20)
        clockwork.start("worker", "case_worker")
    assert set(expect_all(keys, smtp_sink).values()) == {1}


def test_two_metronomes_record_a_missed_deadline_once(clockwork, agents):
    by = Actor.system("test")
    cases = [make_case(title=f"Late {n}", by=by) for n in range(5)]
    for case in cases:
        operations.change_deadline(case, deadline=minutes_ago(5), by=by)
    clockwork.start_all()
    clockwork.start("second", "case_scheduler")
    missed = models.CaseEvent.objects.filter(type="sla_breached")
    wait_until(lambda: missed.count() == 5, seconds=40, what="five missed deadlines")
    time.sleep(5)
    assert missed.count() == 5


def test_a_single_worker_that_dies_is_replaced(clockwork, assign, smtp_sink):
    clockwork.start_all()
    leader = clockwork.processes.running["worker"].pid
    wait_until(lambda: len(session_members(leader)) >= 6, seconds=40, what="one worker per queue")
    for pid in session_members(leader):
        if pid != leader:
            with contextlib.suppress(ProcessLookupError):  # the process of one job ends by itself
                os.kill(pid, signal.SIGKILL)
    assert set(expect_all(assign(4), smtp_sink).values()) == {1}


def test_a_job_that_names_another_function_is_refused(clockwork, clean_redis, tmp_path):
    from rq import Queue
    from rq.serializers import JSONSerializer

    target = tmp_path / "pwned"
    queue = Queue("cm_events", connection=clean_redis, serializer=JSONSerializer)
    job = queue.enqueue("os.mkdir", str(target))
    result = clockwork.manage("case_worker", "--queue", "cm_events", "--burst")
    assert result.returncode == 0, result.stderr
    assert not target.exists()
    assert job.is_failed
