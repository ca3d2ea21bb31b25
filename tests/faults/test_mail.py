"""Replies through real workers and a real server, whatever either of them does: all go out, and once."""

from __future__ import annotations

import random
import time

import pytest
import redis

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.operations import MessageDraft
from case_management.testing import make_case
from example_project.processes import wait_until
from tests.faults.conftest import delivered
from tests.smtp_sink import SLOW_SECONDS

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def write(agents):
    """Answer new cases; returns the Message-IDs."""

    def write_many(count: int, **facts) -> list[str]:
        by, found = Actor.from_user(agents[0]), []
        for number in range(count):
            case = make_case(title=f"Case {number}", by=Actor.system("test"))
            draft = MessageDraft(**{"to": (f"cora{case.pk}@customer.example",), "text": "We are sorry.", **facts})
            found.append(operations.reply_to_case(case, draft, by=by).message_id)
        return found

    return write_many


@pytest.fixture
def clockwork(clockwork):
    """With a short time to take a message back."""
    head, brace, rest = clockwork.environment["CASE_MANAGEMENT"].partition("{")
    clockwork.environment["CASE_MANAGEMENT"] = f'{head}{brace}"SEND_UNDO_SECONDS": 1, {rest}'
    return clockwork


@pytest.fixture(autouse=True)
def short_undo(settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "SEND_UNDO_SECONDS": 1}


def expect(message_ids: list[str], smtp_sink, *, seconds: float = 60) -> dict[str, int]:
    """Wait until each has arrived and is stamped; how often each did."""
    wait_until(lambda: set(message_ids) <= set(delivered(smtp_sink)), seconds=seconds, what="the last message")
    pending = models.Delivery.objects.filter(state="pending", message__message_id__in=message_ids)
    wait_until(lambda: not pending.exists(), seconds=40, what="the last stamp")
    counts = delivered(smtp_sink)
    told = models.CaseEvent.objects.filter(type="message_sent").values_list("payload__message", flat=True)
    sent = models.Message.objects.filter(message_id__in=message_ids).values_list("pk", flat=True)
    assert sorted(told) == sorted(sent), "each is told once on its timeline"
    return {name: counts[name] for name in message_ids}


def test_replies_go_out_once_and_the_check_is_clean(clockwork, write, smtp_sink):
    clockwork.start_all()
    assert set(expect(write(20), smtp_sink).values()) == {1}
    wait_until(lambda: clockwork.check()["problems"] == [], seconds=30, what="a clean check")


def test_not_now_is_tried_again_until_the_server_is_back(clockwork, write, smtp_sink):
    smtp_sink.set_mode("451")
    clockwork.start_all()
    written = write(5)
    tried = models.Delivery.objects.filter(state="pending", attempts__gte=1)
    wait_until(lambda: tried.count() == 5, seconds=40, what="an attempt at each")
    smtp_sink.set_mode("ok")
    assert set(expect(written, smtp_sink).values()) == {1}


def test_never_stops_one_and_not_the_others(clockwork, write, smtp_sink):
    smtp_sink.set_mode("550")
    clockwork.start_all()
    poison = write(1)
    failed = models.CaseEvent.objects.filter(type="message_failed")
    wait_until(failed.exists, seconds=40, what="the failure on the timeline")
    smtp_sink.set_mode("ok")
    assert set(expect(write(20), smtp_sink, seconds=30).values()) == {1}
    assert not set(poison) & set(delivered(smtp_sink))
    assert models.Delivery.objects.get(message__message_id=poison[0]).state == "dead"


def test_a_server_that_is_down_keeps_nobody_waiting_and_loses_nothing(clockwork, write, smtp_sink):
    smtp_sink.stop()
    try:
        clockwork.start_all()
        started = time.monotonic()
        written = write(10)
        assert time.monotonic() - started < 10
        time.sleep(4)
    finally:
        smtp_sink.start()
    assert set(expect(written, smtp_sink).values()) == {1}


def test_a_slow_server_does_not_hold_up_the_web_tier_and_everything_arrives(clockwork, write, smtp_sink):
    smtp_sink.set_mode("slow")
    clockwork.start_all()
    first = write(1)
    wait_until(lambda: bool(delivered(smtp_sink)), seconds=40, what="the first at the server")
    started = time.monotonic()
    rest = write(5)
    assert time.monotonic() - started < 5 * SLOW_SECONDS, "as long as the five would take at the server"
    smtp_sink.set_mode("ok")
    counts = expect([*first, *rest], smtp_sink)
    assert {name: count for name, count in counts.items() if name in rest and count != 1} == {}


def test_a_line_that_is_cut_after_the_message_sends_a_copy_under_the_same_id(clockwork, write, smtp_sink):
    smtp_sink.set_mode("accept_then_drop")
    clockwork.start_all()
    written = write(1)
    wait_until(lambda: bool(delivered(smtp_sink)), seconds=40, what="the message at the server")
    smtp_sink.set_mode("ok")
    counts = expect(written, smtp_sink)
    assert set(counts) == set(written)
    assert counts[written[0]] >= 1
    assert models.Message.objects.filter(direction="out").count() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_around_the_servers_answer_loses_and_multiplies_nothing(clockwork, write, smtp_sink, moment):
    clockwork.start("worker", "case_worker")
    if moment == "after":
        smtp_sink.set_mode("slow")  # kept, but answered only after seconds: nobody can know
    clockwork.start("scheduler", "case_scheduler")
    written = write(1)
    if moment == "after":
        wait_until(lambda: bool(delivered(smtp_sink)), seconds=40, what="the message at the server")
    clockwork.kill_workers()
    smtp_sink.set_mode("ok")
    clockwork.start("worker", "case_worker")
    counts = expect(written, smtp_sink)
    assert counts[written[0]] == 1 if moment == "before" else counts[written[0]] in (1, 2)


def test_killing_workers_at_random_loses_no_reply(clockwork, write, smtp_sink):
    clockwork.start_all()
    written, dice, kills = [], random.Random(7), 0
    for _ in range(4):
        written += write(10)
        time.sleep(dice.uniform(0.5, 2.5))
        clockwork.kill_workers()
        kills += 1
        clockwork.start("worker", "case_worker")
    counts = expect(written, smtp_sink, seconds=90)
    assert sum(counts.values()) - len(counts) <= kills


def test_an_emptied_redis_loses_no_reply(clockwork, write, smtp_sink, valkey):
    clockwork.start_all()
    written = write(5)
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    written += write(5)
    assert set(expect(written, smtp_sink).values()) == {1}


def test_a_message_that_is_stopped_never_leaves_while_workers_run(clockwork, write, smtp_sink, agents, settings):
    clockwork.start_all()
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "SEND_UNDO_SECONDS": 6}
    write(3)
    for message in models.Message.objects.select_related("case"):
        operations.cancel_message(message.case, message=message, by=Actor.from_user(agents[0]))
    time.sleep(9)
    assert delivered(smtp_sink) == {}
