"""Measures wide changes: assign, tag, resolve and undo over many cases, beside the least that the database must do.

Run ``python -m benchmarks.bulk [--cases 10000 100000] [--json]``. Each number has a database of its own on an own
embedded PostgreSQL, filled with open cases through the operations. A change is measured from its confirmation (every
case of a filter becomes a row of the change set) to its end, carried out by one process as a worker would.

The floor, measured in the same run, is what no change with a history can do without: as many rows of events by COPY and
one UPDATE of as many cases; no rights, no checks, no chain of hashes, no receipt, no mail. "cpu" is the processor time
of this process and of PostgreSQL's for our connection, in microseconds per case (Linux), "wall" the clock's rate.
Compare with the floor by cpu: on a busy machine the clock says little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from example_project.processes import Processes
from tests.services import Postgres

CHUNK = 2000
NOTE = "The room was cleaned again and a voucher was sent."


def prepare(count: int) -> dict[str, Any]:
    """Found the demo's company without its cases, and open ``count`` cases."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - the settings are there by now
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from case_management import models, operations  # noqa: PLC0415
    from case_management.domain.actor import Actor  # noqa: PLC0415
    from case_management.testing.demo.seeding import Seeder  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Seeder(1, timezone.now()).found()
    user = get_user_model()._default_manager.create_superuser("benchmark")
    topics, units = list(models.Topic.objects.filter(depth=2)), list(models.Unit.objects.filter(depth=3))
    source, priority = models.Source.objects.order_by("pk")[0], models.Priority.objects.order_by("rank")[2]
    for start in range(0, count, CHUNK):
        drafts = [
            operations.CaseDraft(
                title=f"Complaint {number}", source=source, priority=priority, topic=topics[number % len(topics)],
                unit=units[number % len(units)],
            )
            for number in range(start, min(start + CHUNK, count))
        ]  # fmt: skip
        operations.open_cases(drafts, by=Actor.from_user(user))
    return {
        "user": user,
        "assign": {"assignee": get_user_model()._default_manager.get(username="morgan.manager").pk},
        "tag": {"add": [models.Tag.objects.order_by("pk")[0].pk], "remove": []},
        "resolve": {"closure_reason": models.ClosureReason.objects.order_by("pk")[0].pk, "note": NOTE},
    }


def floor(count: int) -> None:
    """Events by COPY, cases by one UPDATE; taken back afterwards, so that it leaves nothing."""
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    now = timezone.now().isoformat()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM case_management_case ORDER BY id LIMIT %s", [count])
        ids = [pk for (pk,) in cursor.fetchall()]
        names = "case_id, seq, type, payload, actor_kind, actor_label, occurred_at, recorded_at, depth, hash"
        with cursor.copy(f"COPY case_management_caseevent ({names}) FROM STDIN") as copy:
            for pk in ids:
                copy.write_row((pk, 100_000, "assigned", '{"to": 1}', "user", "benchmark", now, now, 0, "0" * 64))
        cursor.execute("UPDATE case_management_case SET version = version + 1, updated_at = %s", [now])
        assert cursor.rowcount == count
        transaction.set_rollback(True)


class Probe:
    """Times one call: the clock, this process, and the server's process for our connection."""

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415

        self.connection = connection
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.server = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def measure(self, count: int, call: Callable[[], Any]) -> dict[str, float]:
        """Cases per second, microseconds of processor time per case; the tables are tidied up before."""
        with self.connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        cpu, clock = self.busy(), time.perf_counter()
        call()
        wall, busy = time.perf_counter() - clock, self.busy() - cpu
        return {"per_second": round(count / wall), "cpu": round(busy / count * 1e6)}

    def busy(self) -> float:
        """Seconds of processor time so far, here and at the server."""
        return time.process_time() + self._served()

    def _served(self) -> float:
        return int(self.server.read_text().split()[0]) / 1e9 if self.server.exists() else 0.0


def measure_one(count: int) -> dict[str, Any]:
    """Everything at one number of cases; runs in a process of its own, on the database of DATABASE_URL."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415

    settings.DEBUG = False
    from case_management.bulk.run import run_now  # noqa: PLC0415
    from case_management.bulk.selection import Selection  # noqa: PLC0415
    from case_management.bulk.start import start, start_undo  # noqa: PLC0415

    world = prepare(count)
    probe, results, last = Probe(), {}, None

    def carry_out(change: Any) -> Any:
        while change.finished_at is None:
            run_now(change)
        assert change.done == count, (change.verb, change.done, change.rows.filter(state="refused").first().message)
        return change

    def act(key: str) -> None:
        nonlocal last
        last = carry_out(start(key, world[key], Selection(world["user"], query=""), expected=count))

    def measure(name: str, call: Callable[[], Any]) -> None:
        found = results[name] = probe.measure(count, call)
        found["to_floor"] = round(found["cpu"] / max(results["floor"]["cpu"], 1), 1)
        tell(name, found)

    print(f"{count:,} cases, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", file=sys.stderr, flush=True)
    measure("floor", lambda: floor(count))
    for key in ("assign", "tag", "resolve"):
        measure(key, lambda key=key: act(key))
    measure("undo of resolve", lambda: carry_out(start_undo(last, world["user"])))
    return results


def run(counts: list[int]) -> dict[int, dict[str, Any]]:
    """Each number in a process and a database of its own, on a cluster of ours."""
    found = {}
    with tempfile.TemporaryDirectory() as directory, Processes() as processes:
        Path(directory).chmod(0o755)
        cluster = Postgres(processes, Path(directory) / "cluster")
        cluster.create()
        cluster.start()
        for count in counts:
            cluster.create_database(f"cases_{count}")
            environment = {**os.environ, "DATABASE_URL": cluster.url(f"cases_{count}"), "SECRET_KEY": "benchmark"}
            command = [sys.executable, "-m", "benchmarks.bulk", "--one", str(count)]
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            found[count] = json.loads(done.stdout.splitlines()[-1])
    return found


def tell(name: str, found: dict[str, float]) -> None:
    """One line per measurement, as soon as it is there: a million cases take an hour."""
    rates = f"{found['per_second']:>9,} cases/s {found['cpu']:>6,} µs cpu/case {found['to_floor']:>6} × the floor"
    print(f"{name:16} {rates}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def main() -> int:
    """Print a table as it grows, and JSON of all of it in the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure_one(options.one)))
        return 0
    found = run(options.cases)
    if options.json:
        print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
