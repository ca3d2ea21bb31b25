"""Child processes of the demo and the tests: each in its own session; only those are ever signalled."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def free_port(preferred: int = 0, *, host: str = LOOPBACK) -> int:
    """A TCP port that nobody listens on: the preferred one when it is free, else any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"No free TCP port on {host}.")


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Ask until ``ready`` says yes; a TimeoutError names what was waited for."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} was not ready after {seconds:g} seconds.")
        time.sleep(0.05)


def _end_with_parent() -> None:
    """Runs in the child: the kernel sends SIGTERM should the parent vanish without stopping it."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def session_members(leader: int) -> list[int]:
    """The leader and what it started, as far as they still run (not on Linux: the leader alone)."""
    if not Path("/proc/self/stat").exists():
        return [leader]
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[3]) == leader and fields[0] != "Z":
            members.append(int(stat.parent.name))
    return members


def signal_session(leader: int, number: signal.Signals) -> None:
    """Send the signal to the process and to all that is left in its session."""
    for pid in session_members(leader):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


class Processes:
    """Every process started through it, and the way to stop exactly those.

    >>> with Processes() as processes:
    ...     processes.start("sleeper", ["sleep", "60"])
    """

    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[Any]] = {}
        #: What a process is asked to end with, where that is not SIGTERM.
        self.ends_on: dict[str, signal.Signals] = {}

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        user: int | None = None,
    ) -> subprocess.Popen[Any]:
        """Start a process; its output goes to ``log`` (default: to ours). Call it from the main thread."""
        output: IO[bytes] | None = log.open("ab") if log else None
        try:
            process = subprocess.Popen(
                [str(word) for word in argv],
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, no Python state
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        finally:
            if output:
                output.close()
        self.running[name] = process
        return process

    def stop(self, *names: str, grace: float = 10) -> None:
        """Ask the named processes to end, all at once; after ``grace`` seconds their sessions are killed."""
        leaving = []
        for name in names:
            if process := self.running.pop(name, None):
                process.send_signal(self.ends_on.get(name, signal.SIGTERM))  # does nothing where it has ended
                leaving.append(process)
        deadline = time.monotonic() + grace
        for process in leaving:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            signal_session(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self, *, grace: float = 10) -> None:
        """Stop everything, the newest first."""
        for name in reversed(list(self.running)):
            self.stop(name, grace=grace)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()
