"""Keeps the demo's processes running, and stops them in the right order."""

from __future__ import annotations

import signal
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from example_project.demo.place import LOG, last_lines, say
from example_project.processes import Processes, signal_session

GRACE = 15
LONGEST_PAUSE = 30
LIVED_WELL = 10


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class DemoError(Exception):
    """The demo cannot go on; the text says why and where to look."""


@dataclass
class Service:
    """One process that should always run."""

    name: str
    argv: list[str | Path]
    started: float = 0
    pause: float = 1
    is_due: float | None = 0

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return LOG / f"{self.name}.log"


class Supervisor:
    """Starts services, starts them again when they die, and stops them in the right order."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.processes = Processes()
        self.services: list[Service] = []
        self.asked_to_stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop.set()

    def pause(self, seconds: float) -> None:
        """Wait, unless somebody asks to stop."""
        if self.asked_to_stop.wait(seconds):
            raise Stopped

    def run_step(self, name: str, argv: list[str | Path]) -> None:
        """Run a command to its end; DemoError if it fails."""
        if not self.says_yes(name, argv):
            log = LOG / f"{name}.log"
            raise DemoError(f"The step {name!r} failed.\n{last_lines(log)}\n(log: {log})")

    def says_yes(self, name: str, argv: list[str | Path]) -> bool:
        """Run a command to its end; whether its exit code is 0."""
        log = LOG / f"{name}.log"
        log.unlink(missing_ok=True)
        process = self.processes.start(name, argv, env=self.environment, log=log)
        while process.poll() is None:
            self.pause(0.05)
        self.processes.stop(name)
        return process.returncode == 0

    def add(self, name: str, argv: list[str | Path]) -> None:
        """Start a service and keep it running."""
        service = Service(name, argv)
        service.log.unlink(missing_ok=True)
        self.services.append(service)
        self._start(service)

    def _start(self, service: Service) -> None:
        self.processes.start(service.name, service.argv, env=self.environment, log=service.log)
        service.started, service.is_due = time.monotonic(), None

    def wait_for(self, url: str, *, seconds: float) -> None:
        """Wait until the page answers 200."""
        deadline = time.monotonic() + seconds
        while not answers(url):
            self.look_after()
            self.pause(0.1)
            if time.monotonic() > deadline:
                raise DemoError(f"{url} did not answer.\n{last_lines(LOG / 'web.log')}\n(logs: {LOG})")

    def watch(self) -> None:
        """Look after the services until somebody asks to stop."""
        while True:
            self.look_after()
            self.pause(0.5)

    def look_after(self) -> None:
        """Start again what died, after a pause that grows while it keeps dying."""
        for service in self.services:
            process = self.processes.running.get(service.name)
            if service.is_due is not None:
                if time.monotonic() >= service.is_due:
                    self._start(service)
            elif process is not None and process.poll() is not None:
                self._mourn(service, process.pid, process.returncode)

    def _mourn(self, service: Service, leader: int, code: int) -> None:
        signal_session(leader, signal.SIGTERM)  # what it left behind must not run beside its successor
        now = time.monotonic()
        lived_well = now - service.started > LIVED_WELL
        service.pause = 1 if lived_well else min(service.pause * 2, LONGEST_PAUSE)
        service.is_due = now + service.pause
        say(f"{service.name} ended (exit code {code}): starting it again. Log: {service.log}")

    def stop(self) -> None:
        """Stop what was started and nothing else: Valkey last, so that the workers can say goodbye to it."""
        others = [name for name in self.processes.running if name != "valkey"]
        self.processes.stop(*others, grace=GRACE)
        self.processes.stop("valkey", grace=GRACE)


def answers(url: str) -> bool:
    """Whether the page answers 200 (the address is our own)."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - http to ourselves
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
