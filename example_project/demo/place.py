"""Where the demo keeps its files, and the lock that keeps a second demo out of them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import IO, Any

from example_project.environment import STATE, make_state
from example_project.processes import LOOPBACK, free_port

LOG = STATE / "log"
ACCOUNTS = STATE / "demo.json"
#: Names the database that the accounts in demo.json are for.
SEEDED = STATE / "seeded"
#: Exists while the sample data is written: found at the start, it tells of an interrupted first run.
SEEDING = STATE / "seeding"
LOCK = STATE / "lock"


def say(text: str) -> None:
    """One line to the person at the terminal, at once."""
    print(text, flush=True)


def take_lock() -> IO[str]:
    """Keep a second demo out of the same files; SystemExit says where the first one is."""
    make_state()
    LOG.mkdir(exist_ok=True)
    lock = LOCK.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        sys.exit(f"A demo already runs: {lock.read().strip()}\nStop it with Ctrl-C, or set DEMO_DIR for another.")
    return lock


def note_in_lock(lock: IO[str], text: str) -> None:
    """Leave word of ourselves for the next one who finds the lock taken (an empty text: we are gone)."""
    lock.truncate(0)
    lock.write(text)
    lock.flush()


def choose_port(host: str) -> int:
    """PORT (default 8000), or a free one if that is taken."""
    wanted = int(os.environ.get("PORT") or 8000)
    port = free_port(wanted, host=host)
    if port != wanted:
        say(f"Port {wanted} is taken: using {port} instead.")
    return port


def address() -> tuple[str, int]:
    """Host and port to listen on; BIND (default 127.0.0.1) lets others in."""
    host = os.environ.get("BIND") or LOOPBACK
    return host, choose_port(host)


def database_mark() -> str:
    """A short name for the database in use, without its password."""
    return hashlib.sha256(os.environ.get("DATABASE_URL", "").encode()).hexdigest()[:16]


def is_seeded() -> bool:
    """Whether the database in use has its sample data."""
    return ACCOUNTS.exists() and SEEDED.exists() and SEEDED.read_text() == database_mark()


def forget_half_seeded() -> None:
    """Throw away our own SQLite file if its first run was interrupted; a given database is left alone."""
    if SEEDING.exists() and not os.environ.get("DATABASE_URL"):
        say("The last first run was interrupted: starting over with an empty database.")
        for path in STATE.glob("db.sqlite3*"):
            path.unlink()
        shutil.rmtree(STATE / "media", ignore_errors=True)
    SEEDING.unlink(missing_ok=True)


def accounts() -> list[dict[str, Any]]:
    """The people who can log in."""
    if not is_seeded():
        return []
    found: list[dict[str, Any]] = json.loads(ACCOUNTS.read_text())["users"]
    return found


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for an error message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""
