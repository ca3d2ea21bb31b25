"""Measures how long it takes until the clocks of many open cases run on changed hours of their calendar.

Run ``python -m benchmarks.recount [--cases 100000] [--json]``. An embedded PostgreSQL of its own is filled with open
cases whose clocks run; then the calendar gets a holiday, and a wide change lets all clocks go over, carried out by two
processes as two workers would. On its way it is given up and taken up again, as after a crash of the worker that leads
it. Exits with 1 if it takes longer than 30 seconds for 100,000 cases.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bulk import Probe, prepare
from example_project.processes import Processes
from tests.services import Postgres

#: Seconds for so many cases.
GOAL, CASES = 30, 100_000


def measure_one(count: int) -> dict[str, Any]:
    """Everything, in a process of its own on the database of DATABASE_URL."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415

    settings.DEBUG = False
    world = prepare(count)
    change = _begin(count, world["user"])
    probe = Probe()
    command = [sys.executable, "-m", "benchmarks.recount", "--help-with", str(change.pk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = probe.measure(count, lambda: _carry_out(change))
        helped = json.loads(other.stdout.readline())
    found["cpu"] += round(helped["cpu"] / count * 1e6)
    change.refresh_from_db()
    assert change.done == count, (change.done, change.refused)
    return {
        **found,
        "by_the_other": helped["turns"],
        "cases": count,
        "seconds": round(count / found["per_second"], 1),
        "goal": GOAL * count / CASES,
    }


def _begin(count: int, user: Any) -> Any:
    """A holiday in the calendar of every clock, and the change that lets them follow."""
    from datetime import timedelta  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from case_management.bulk.entries import OnOlderHours  # noqa: PLC0415
    from case_management.bulk.start import start  # noqa: PLC0415
    from case_management.models import BusinessCalendar  # noqa: PLC0415
    from case_management.sla.days_off import DayOff, add_days_off  # noqa: PLC0415

    calendar = BusinessCalendar.objects.get()
    days = [DayOff(timezone.localdate() + timedelta(days=number), "Flood") for number in (1, 2, 3)]
    add_days_off(calendar, days)
    return start("recount", {}, OnOlderHours(user, query="", calendar=calendar), expected=count)


def _carry_out(change: Any) -> None:
    """Once, but given up on the way."""
    from case_management.bulk import run  # noqa: PLC0415
    from case_management.jobs.changes import run_changes  # noqa: PLC0415

    whole, run.BUDGET = run.BUDGET, 5
    run_changes()
    run.BUDGET = whole
    while change.finished_at is None:
        run_changes()
        change.refresh_from_db()


def help_with(pk: int) -> None:
    """The second worker: says that it is there, works until the change is done, says how much it did."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    from case_management.jobs.changes import run_changes  # noqa: PLC0415
    from case_management.models import ChangeSet  # noqa: PLC0415

    change, probe, turns = ChangeSet.objects.get(pk=pk), Probe(), 0
    print("ready", flush=True)
    begun = probe.busy()
    while change.finished_at is None:
        turns += (done := run_changes())
        if not done:
            time.sleep(0.05)
        change.refresh_from_db()
    print(json.dumps({"cpu": probe.busy() - begun, "turns": turns}), flush=True)


def run_all(count: int) -> dict[str, Any]:
    """On a cluster of ours."""
    with tempfile.TemporaryDirectory() as directory, Processes() as processes:
        Path(directory).chmod(0o755)
        cluster = Postgres(processes, Path(directory) / "cluster")
        cluster.create()
        cluster.start()
        cluster.create_database("recount")
        environment = {**os.environ, "DATABASE_URL": cluster.url("recount"), "SECRET_KEY": "benchmark"}
        command = [sys.executable, "-m", "benchmarks.recount", "--one", "--cases", str(count)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """One line, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--help-with", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.help_with:
        help_with(options.help_with)
        return 0
    if options.one:
        print(json.dumps(measure_one(options.cases)))
        return 0
    found = run_all(options.cases)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    told = f"{found['cases']:,} clocks in {found['seconds']} s ({found['cpu']} µs cpu/case), {load}"
    print(json.dumps(found, indent=2) if options.json else told)
    return 0 if found["seconds"] <= found["goal"] else 1


if __name__ == "__main__":
    sys.exit(main())
