"""A pytest plugin that prepares the run's own servers before Django reads its settings.

``pytest --database postgres`` (or CM_TEST_DATABASE=postgres) tests on a PostgreSQL of its own, the default is
SQLite; with DATABASE_URL set, that server is used. Each run has its own directory and servers.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from example_project.environment import ROOT
from example_project.processes import Processes
from example_project.valkey import Valkey
from tests.services import Postgres, services_root

SETTINGS_MODULE = "DJANGO_SETTINGS_MODULE"
DATABASE_NAME = "case_management"
TEST_DATABASE_NAME = f"test_{DATABASE_NAME}"


class Run:
    """The directory and the servers of one test run."""

    def __init__(self) -> None:
        self.root = services_root()
        self.directory = Path(tempfile.mkdtemp(prefix="run-", dir=self.root))
        self.directory.chmod(0o755)
        self.owner = os.getpid()
        self.processes = Processes()
        self.valkey = Valkey(self.processes, self.directory / "valkey")
        self.postgres: Postgres | None = None
        #: Whether the test database was copied from a migrated template.
        self.is_migrated = False

    def prepare_environment(self) -> None:
        """What the settings of the example site read, for us and for the processes that tests start."""
        os.environ["DEMO_DIR"] = str(self.directory)
        os.environ["MEDIA_ROOT"] = str(self.directory / "media")
        os.environ["SECRET_KEY"] = "a key for tests only, as long as the checks of Django want it"
        os.environ["REDIS_URL"] = self.valkey.url
        for name in ("EMAIL_HOST", "DEBUG", "HTTPS"):
            os.environ.pop(name, None)

    def prepare_sqlite(self, settings: str) -> None:
        """A copy of the migrated database file."""
        template = self.template(f"sqlite-{settings}")
        if not template.exists():
            self.build(template, lambda path: self.migrate(settings, f"sqlite:///{path / 'migrated.sqlite3'}"))
        copy = self.directory / "test.sqlite3"
        shutil.copy(template / "migrated.sqlite3", copy)
        os.environ["DATABASE_URL"] = f"sqlite:///{self.directory / 'unused.sqlite3'}"
        os.environ["CM_TEST_SQLITE"] = str(copy)
        self.is_migrated = True

    def prepare_postgres(self, settings: str) -> None:
        """A server on a copy of the migrated cluster."""
        template = self.template(f"postgres-{settings}")
        if not template.exists():
            self.build(template, lambda path: self.build_cluster(path, settings))
        directory = self.directory / "postgres"
        subprocess.run(["cp", "-a", template, directory], check=True)
        self.postgres = Postgres(self.processes, directory)
        self.postgres.start()
        os.environ["DATABASE_URL"] = self.postgres.url(DATABASE_NAME)
        self.is_migrated = True

    def build_cluster(self, path: Path, settings: str) -> None:
        """A new cluster with a migrated test database in it."""
        cluster = Postgres(self.processes, path)
        cluster.create()
        cluster.start()
        cluster.create_database(DATABASE_NAME)
        self.migrate(settings, cluster.create_database(TEST_DATABASE_NAME))
        cluster.stop()

    def migrate(self, settings: str, url: str) -> None:
        """Run the migrations in a process of their own."""
        command = [sys.executable, "-m", "example_project.manage", "migrate", "--verbosity=0"]
        environment = {**os.environ, "DATABASE_URL": url, SETTINGS_MODULE: settings}
        environment.pop("CM_TEST_SQLITE", None)
        subprocess.run(command, check=True, cwd=ROOT, env=environment)

    def template(self, kind: str) -> Path:
        """Where the migrated database for these migrations and these packages is kept from run to run."""
        digest = hashlib.sha256(f"{sys.version} {kind} {os.geteuid()}".encode())
        for app in ("case_management", "example_project", "tests"):
            for path in sorted((ROOT / app).glob("**/migrations/*.py")):
                digest.update(path.read_bytes())
        for package in sorted(f"{d.name}=={d.version}" for d in distributions()):
            digest.update(package.encode())
        return self.root / "templates" / f"{kind}-{digest.hexdigest()[:16]}"

    def build(self, template: Path, fill: Callable[[Path], None]) -> None:
        """Fill a new template and put it in its place at once; a run that needs the same one waits for it."""
        template.parent.mkdir(exist_ok=True)
        with (template.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if template.exists():
                return
            remove_old(template.parent, pattern="*-*", seconds=3600, keep=4)
            fresh = Path(tempfile.mkdtemp(prefix="building-", dir=self.directory))
            fresh.chmod(0o755)
            fill(fresh)
            fresh.rename(template)

    def close(self) -> None:
        """Stop the servers and remove the directory; a fork of ours must not."""
        if os.getpid() != self.owner:
            return
        self.processes.stop_all()
        shutil.rmtree(self.directory, ignore_errors=True)


def remove_old(directory: Path, *, pattern: str, seconds: int, keep: int = 0) -> None:
    """Remove what killed runs or older migrations left behind, but for the ``keep`` newest."""
    for path in sorted(directory.glob(pattern), key=age)[keep:]:
        if age(path) > seconds:
            shutil.rmtree(path, ignore_errors=True)


def age(path: Path) -> float:
    """Seconds since the last change; none for what another run removes at this moment."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def settings_for_tests(databases: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a settings module of the tests changes: cheap passwords, and the run's own database file."""
    if database_file := os.environ.get("CM_TEST_SQLITE"):
        databases["default"]["TEST"] = {"NAME": database_file}
        fast = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
        databases["default"]["OPTIONS"] = {**databases["default"]["OPTIONS"], "init_command": fast}
    return {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        # Static files are looked up when asked for, not all at the start of every test client.
        "WHITENOISE_AUTOREFRESH": True,
    }


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line choose the database."""
    parser.addoption("--database", choices=["sqlite", "postgres"], help="where the tests keep their data")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Prepare before pytest-django (which is called inside this wrapper) loads the settings."""
    options = early_config.known_args_namespace
    run = Run()
    atexit.register(run.close)
    early_config.stash[RUN] = run
    settings = options.ds or os.environ.get("DJANGO_SETTINGS_MODULE") or early_config.getini("DJANGO_SETTINGS_MODULE")
    default = "given" if os.environ.get("DATABASE_URL") else "sqlite"
    wanted = options.database or os.environ.get("CM_TEST_DATABASE") or default
    run.prepare_environment()
    os.environ["CM_TEST_DATABASE"] = wanted  # for the workers of pytest-xdist
    if wanted == "postgres":
        run.prepare_postgres(settings)
    elif wanted == "sqlite":
        run.prepare_sqlite(settings)
    remove_old(run.root, pattern="run-*", seconds=24 * 3600)
    yield


RUN = pytest.StashKey[Run]()
