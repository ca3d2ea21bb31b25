"""Real workers and a real metronome on the tests' own servers, quick enough for tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.operations import CaseDraft
from case_management.testing import make_case, make_topic, make_user
from example_project.environment import ROOT
from example_project.processes import Processes, session_members, signal_session, wait_until

#: The promises of a minute, in seconds: ticks and leases are shortened, nothing else.
QUICK = {"SWEEP_SECONDS": 2, "LEASE_SECONDS": 8, "RETRY_BASE_SECONDS": 1, "EMAIL_TIMEOUT": 5}
#: So many that a kill falls into the middle of a wide change.
CASES = 10_000


class Clockwork:
    """Workers and metronome as processes of their own."""

    def __init__(self, processes: Processes, environment: dict[str, str], log_directory) -> None:
        self.processes, self.logs = processes, log_directory
        settings = json.loads(environment.get("CASE_MANAGEMENT", "{}"))
        self.environment = {**environment, "CASE_MANAGEMENT": json.dumps({**settings, **QUICK})}

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "example_project.manage", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def start(self, name: str, *words: str) -> None:
        """Start a command that stays."""
        command = [sys.executable, "-m", "example_project.manage", *words]
        self.processes.start(name, command, env=self.environment, log=self.logs / f"{name}.log")

    def start_all(self) -> None:
        """Workers and metronome."""
        self.start("worker", "case_worker")
        self.start("scheduler", "case_scheduler")

    def start_two_workers(self) -> None:
        """They share what is wide enough."""
        for name in ("worker", "worker-2"):
            self.start(name, "case_worker")

    def work_in_chunks_of(self, size: int) -> None:
        """For processes that are started from now on."""
        stored = self.environment["CASE_MANAGEMENT"]
        self.environment["CASE_MANAGEMENT"] = stored.replace("{", f'{{"CHUNK_SIZE": {size}, ', 1)

    def kill_two_workers_at(self, marks: Iterable[int], done: Callable[[], int]) -> int:
        """Beside a scheduler, start two workers and kill them at each mark; returns how much is done then."""
        for number, mark in enumerate(marks):
            self.start_two_workers()
            if number == 0:
                self.start("scheduler", "case_scheduler")
            wait_until(lambda mark=mark: done() >= mark, seconds=90, what=f"{mark} done")
            self.kill_workers()
        return done()

    def kill_workers(self) -> int:
        """SIGKILL to every process of the workers' sessions; returns how many there were."""
        killed: set[int] = set()
        for name in [name for name in self.processes.running if name.startswith("worker")]:
            process = self.processes.running.pop(name)
            # Again: what was started while the others were being killed.
            while members := set(session_members(process.pid)) - killed:
                killed |= members
                signal_session(process.pid, signal.SIGKILL)
            process.wait()
        return len(killed)

    def check(self) -> dict:
        """``case_check --json``: the report, and nothing may be wrong."""
        result = self.manage("case_check", "--json", "--full")
        assert result.stdout, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def clockwork(transactional_db, processes, site_environment, clean_redis, smtp_sink, tmp_path) -> Iterator[Clockwork]:
    """Nothing is started yet."""
    smtp_sink.clear()
    yield Clockwork(processes, site_environment, tmp_path)
    processes.stop_all()


@pytest.fixture
def agents(transactional_db):
    """Two agents and a topic."""
    make_topic()
    return [make_user(name, role="Case manager") for name in ("ann", "bob")]


@pytest.fixture
def many_cases(postgres, agents):
    """Ten thousand open cases that the first agent may resolve."""
    first = make_case(title="Sample")
    draft = {"topic": first.topic, "source": first.source, "priority": first.priority}
    drafts = [CaseDraft(title=f"Case {number}", **draft) for number in range(CASES - 1)]
    operations.open_cases(drafts, by=Actor.system("test"))
    return models.Case.objects.count()


@pytest.fixture
def assign(agents):
    """Assign new cases to the agents in turn, by the system; each leaves one letter to be sent."""
    by = Actor.system("test")

    def assign_many(count: int) -> list[str]:
        keys = []
        for number in range(count):
            case = make_case(title=f"Case {number}", by=by)
            operations.assign_case(case, to=agents[number % 2], by=by)
            event = case.events.get(type="assigned")
            keys.append(f"event:{event.pk}:user:{agents[number % 2].pk}:email")
        return keys

    return assign_many


def delivered(smtp_sink) -> dict[str, int]:
    """Message-ID → how often the server took it."""
    counts: dict[str, int] = {}
    for mail in smtp_sink.messages():
        message_id = str(mail.content["Message-ID"])
        counts[message_id] = counts.get(message_id, 0) + 1
    return counts


def expect_all(keys: list[str], smtp_sink, *, seconds: float = 60) -> dict[str, int]:
    """Wait until every key's letter has arrived and the ledger is settled; returns the counts per Message-ID."""
    expected = {models.notification.message_id(key) for key in keys}
    wait_until(lambda: expected <= set(delivered(smtp_sink)), seconds=seconds, what="the last letter")
    pending = models.Notification.objects.filter(state="pending")
    wait_until(lambda: not pending.exists(), seconds=20, what="the last stamp")
    counts = delivered(smtp_sink)
    assert set(counts) == expected
    return counts


def minutes_ago(minutes: int):
    """An aware moment in the past."""
    return timezone.now() - timedelta(minutes=minutes)
