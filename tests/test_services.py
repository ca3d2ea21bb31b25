"""The tests' own servers do what the tests believe of them."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection

from example_project.processes import Processes, free_port, session_members, wait_until
from example_project.valkey import Valkey
from tests.database import Run
from tests.services import Postgres, SmtpSink


def letter(subject: str = "Lost luggage") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ana@example.org", "care@example.org", subject
    message.set_content("My bag is in another town.")
    return message


def send(sink: SmtpSink, message: EmailMessage) -> None:
    with smtplib.SMTP(sink.host, sink.port, timeout=10) as client:
        client.send_message(message)


def test_a_taken_port_is_not_given_out() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]

        assert free_port(taken) != taken


def test_stopping_ends_a_process_its_children_and_nothing_else(processes: Processes) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    parent = processes.start("parent", ["sh", "-c", "trap '' TERM; sleep 60 & sleep 60 & wait; wait"])
    wait_until(lambda: len(session_members(parent.pid)) == 3, seconds=5, what="the children")

    processes.stop("parent", grace=0.2)

    wait_until(lambda: session_members(parent.pid) == [], seconds=2, what="the end of the session")
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: only Linux tells a child that its parent is gone")
def test_a_process_ends_when_the_one_that_started_it_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = (
        "import pathlib, sys, time; from example_project.processes import Processes;"
        "child = Processes().start('child', ['sleep', '60']);"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", script, told])
    wait_until(lambda: told.exists() and told.read_text() != "", seconds=10, what="the child")
    child = int(told.read_text())

    starter.kill()
    starter.wait()

    wait_until(lambda: session_members(child) == [], seconds=5, what="the end of the child")


def test_valkey_keeps_its_data_over_a_restart_and_wants_its_password(tmp_path: Path, processes: Processes) -> None:
    server = Valkey(processes, tmp_path / "valkey")
    server.start()
    with redis.Redis.from_url(server.url) as client:
        client.set("word", "kept")
    server.stop()
    server.start()

    with redis.Redis.from_url(server.url) as client:
        assert client.get("word") == b"kept"
    with pytest.raises(redis.exceptions.AuthenticationError), redis.Redis(port=server.port) as stranger:
        stranger.ping()


def test_the_settings_lead_to_the_valkey_of_this_run(clean_redis: redis.Redis, settings: object) -> None:
    clean_redis.set("mine", "1")

    with redis.Redis.from_url(settings.REDIS_URL) as client:  # type: ignore[attr-defined]
        assert client.get("mine") == b"1"


def test_the_sink_keeps_what_it_answers_250_to(smtp_sink: SmtpSink) -> None:
    smtp_sink.clear()

    send(smtp_sink, letter("Größe & 日本"))

    (mail,) = smtp_sink.messages()
    assert (mail.sender, mail.recipients) == ("ana@example.org", ["care@example.org"])
    assert mail.content["Subject"] == "Größe & 日本"
    assert "another town" in mail.content.get_content()


@pytest.mark.parametrize("code", [421, 451, 550])
def test_the_sink_refuses_and_keeps_nothing(smtp_sink: SmtpSink, code: int) -> None:
    smtp_sink.clear()
    smtp_sink.set_mode(str(code))

    with pytest.raises(smtplib.SMTPException) as refused:
        send(smtp_sink, letter())

    assert getattr(refused.value, "smtp_code", None) == code
    assert smtp_sink.messages() == []


@pytest.mark.parametrize(("mode", "kept"), [("drop", 0), ("accept_then_drop", 1)])
def test_the_sink_cuts_the_line_before_or_after_keeping(smtp_sink: SmtpSink, mode: str, kept: int) -> None:
    smtp_sink.clear()
    smtp_sink.set_mode(mode)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_sink, letter())

    assert len(smtp_sink.messages()) == kept


def test_a_slow_sink_answers_late(tmp_path: Path, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_SINK_SLOW_SECONDS", "0.5")
    sink = SmtpSink(processes, tmp_path / "smtp")
    sink.start()
    sink.set_mode("slow")

    started = time.monotonic()
    send(sink, letter())

    assert time.monotonic() - started >= 0.5
    assert len(sink.messages()) == 1


@pytest.mark.django_db
def test_another_process_sees_the_test_database(database_url: str, run: Run) -> None:
    directory = run.directory if connection.vendor == "sqlite" else ""

    assert str(directory) in database_url
    assert "test" in database_url.rpartition("/")[2]


@pytest.mark.faults
def test_postgres_comes_back_after_an_immediate_stop(processes: Processes, run: Run) -> None:
    if os.environ["CM_TEST_DATABASE"] != "postgres":
        pytest.skip("skipped: needs PostgreSQL (pytest --database postgres)")
    server = Postgres(processes, run.directory / "restarted")
    server.create()
    server.start(safe=True)
    url = server.create_database("kept")
    with psycopg.connect(url) as client:
        client.execute("CREATE TABLE word (text text)")
        client.execute("INSERT INTO word VALUES ('kept')")

    server.stop(immediate=True)
    assert not server.is_ready()
    server.start(safe=True)

    with psycopg.connect(url) as client:
        assert client.execute("SELECT text FROM word").fetchone() == ("kept",)
    server.stop()
