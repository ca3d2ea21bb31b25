"""The whole site as processes: web, workers, metronome, on the tests' own servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from case_management.models import Heartbeat
from example_project.environment import ROOT
from example_project.processes import LOOPBACK, free_port, wait_until


class Site:
    """A running example site and its operator's shell."""

    def __init__(self, processes, environment: dict[str, str], directory: Path) -> None:
        self.processes, self.directory, self.port = processes, directory, free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        settings = {"BASE_URL": self.url, "SWEEP_SECONDS": 2}
        self.environment = {
            **environment,
            "CASE_MANAGEMENT": json.dumps(settings),
            "CSRF_TRUSTED_ORIGINS": self.url,
            "PYTHONPATH": str(ROOT),
        }

    def manage(self, *words: str) -> str:
        """Run a command to its end; it must succeed."""
        command = [sys.executable, "-m", "example_project.manage", *words]
        result = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"{words}: {result.stdout}\n{result.stderr}"
        return result.stdout

    def start(self) -> None:
        """Web, workers and metronome; returns when the log-in page answers and what was overdue has been told."""
        gunicorn = ["-m", "gunicorn", "--config", "python:example_project.gunicorn_conf", "example_project.wsgi"]
        for name, words in {
            "web": [*gunicorn, "--bind", f"{LOOPBACK}:{self.port}"],
            "worker": ["-m", "example_project.manage", "case_worker"],
            "scheduler": ["-m", "example_project.manage", "case_scheduler"],
        }.items():
            log = self.directory / f"{name}.log"
            self.processes.start(name, [sys.executable, *words], env=self.environment, log=log)
        wait_until(self.answers, seconds=60, what=f"the site (logs: {self.directory})")
        wait_until(Heartbeat.objects.filter(name="sweep").exists, seconds=60, what="the first sweep")

    def answers(self) -> bool:
        """Whether the log-in page comes."""
        try:
            with urlopen(f"{self.url}/admin/login/", timeout=5) as reply:  # noqa: S310 - our own server
                return bool(reply.status == 200)
        except OSError:
            return False


@pytest.fixture
def site(transactional_db, processes, site_environment, clean_redis, smtp_sink, tmp_path) -> Iterator[Site]:
    """Not started yet."""
    smtp_sink.clear()
    yield Site(processes, site_environment, tmp_path)
    processes.stop_all()


def last_monday_evening() -> str:
    """The demo draws other lives at every hour; walks need the same company whenever they are walked."""
    now = datetime.now(UTC)
    at = now.replace(hour=21, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    return (at if at <= now else at - timedelta(days=7)).isoformat()


@pytest.fixture
def company(site, tmp_path) -> dict[str, Any]:
    """The demo's company in the site's database: log-ins, units, references."""
    path = tmp_path / "demo.json"
    site.manage("seed_demo", "--seed", "11", "--now", last_monday_evening(), "--json", str(path))
    facts = json.loads(path.read_text())
    facts["passwords"] = {user["username"]: user["password"] for user in facts["users"]}
    return facts


@pytest.fixture
def browser(chromium, monkeypatch) -> Iterator[Any]:
    """A headless Chromium; its driver runs an event loop in this thread, which the ORM would otherwise refuse."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()
