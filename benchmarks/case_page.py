"""Measures the page of a case with very many events: the page, what is older, filters, and a note that is added.

Run ``python -m benchmarks.case_page [--events 10 10000] [--directory DIR] [--json]``. Both cases stand in the demo's
company on an own embedded PostgreSQL; DIR keeps it for the next run, ``--server URL`` uses a running server instead, up
to its last slash.

Every line is a whole page through Django's test client, the second of two in a row: "cpu" is the processor time of this
process and of PostgreSQL's in milliseconds (Linux), "wall" the clock's, "queries" how many, "kB" how large the answer.
The note is sent as a form; its line is the sending alone, without the page that follows. Exits with 1 when a page of
the largest case asks the database more than :data:`MOST_QUERIES` times, is larger than :data:`MOST_BYTES`, or takes
more than :data:`MOST_MILLISECONDS` of processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.case_list import Probe, sign_in
from example_project.processes import Processes
from tests.services import Postgres

MOST_QUERIES, MOST_BYTES, MOST_MILLISECONDS = 30, 500_000, 600.0
DATABASE = "case_page"
WHO = "morgan.manager"
VIEWS = {
    "first page": "", "next page": "past={middle}", "what is older, alone": "past={middle}&part=timeline",
    "oldest first": "order=oldest", "notes": "show=notes", "messages": "show=messages", "system": "show=system",
    "a rare kind from the middle": "show=messages&past={middle}", "all unfolded": "unfold=all",
    "the edit form, alone": "do=edit&part=panel",
}  # fmt: skip


def prepare(count: int) -> Any:
    """The demo's company, and an open case of so many events; the same one in the next run."""
    from django.core.management import call_command  # noqa: PLC0415 - the settings are there by now

    from case_management.models import Case  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if not Case.objects.exists():
        call_command("seed_demo", seed=11, verbosity=0)
    case = Case.objects.filter(title=f"{count} events").first()
    return case or lengthen(Case.objects.filter(status="in_progress").order_by("pk").first(), count)


def lengthen(case: Any, count: int) -> Any:
    """Notes, priorities, messages of the customer and assignments in turn, recorded as operations record them."""
    from case_management import models, operations  # noqa: PLC0415
    from case_management.domain.actor import Actor  # noqa: PLC0415
    from case_management.domain.events import CaseAssigned, NoteAdded, NoteText, PriorityChanged  # noqa: PLC0415
    from case_management.timeline.recorder import Entry, record  # noqa: PLC0415

    by = Actor.system("benchmark")
    operations.correct_case(case, operations.Correction(title=f"{count} events"), by=by)
    high, low = models.Priority.objects.order_by("rank")[:2]
    kinds = [
        NoteAdded(note=NoteText("Called the guest; nobody answered, a letter was sent.")),
        PriorityChanged(to=high.pk, rank=high.rank, previous=low.pk),
        NoteAdded(note=NoteText("The hotel confirms what the customer says.")),
        CaseAssigned(to=case.assignee_id, previous=case.assignee_id),
    ]
    events = [kinds[number % len(kinds)] for number in range(count - case.version)]
    record([Entry(case, events, by)], quietly=True)
    return case


def measure(counts: list[int]) -> dict[str, Any]:
    """Everything, on the database of DATABASE_URL."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    results: dict[str, Any] = {}
    cases = {count: prepare(count) for count in counts}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    probe, client = Probe(), sign_in(Client(SERVER_NAME="localhost"), WHO)
    for count, case in cases.items():
        page = reverse("case_management:case", args=[case.reference])
        for name, query in VIEWS.items():
            address = f"{page}?{query.format(middle=count // 2)}"
            found = probe.measure(partial(client.get, address))
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
            results[f"{name}, {count:,} events"] = {**found, "bytes": len(answer.content)}
        note = reverse("case_management:case_act", args=[case.reference, "note"])
        results[f"adding a note, {count:,} events"] = {**probe.measure(partial(add_note, client, note)), "bytes": 0}
    return results


_said = iter(range(1_000_000))


def add_note(client: Any, address: str) -> None:
    """Another note each time, for the same one twice is one."""
    text = f"Note number {next(_said)} of the benchmark, process {os.getpid()}."
    answer = client.post(address, {"version": "1", "text": text})
    assert answer.status_code == 302, answer.status_code


def run(counts: list[int], server: str) -> dict[str, Any]:
    """In a process of its own."""
    environment = {**os.environ, "DATABASE_URL": f"{server}/{DATABASE}", "SECRET_KEY": "benchmark"}
    command = [sys.executable, "-m", "benchmarks.case_page", "--measure", *map(str, counts)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def with_server(directory: Path, counts: list[int]) -> dict[str, Any]:
    """The same on a cluster of our own, kept in the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    with Processes() as processes:
        cluster = Postgres(processes, directory / "cluster")
        if not cluster.data.exists():
            cluster.create()
        cluster.start()
        if not (directory / DATABASE).exists():
            cluster.create_database(DATABASE)
            (directory / DATABASE).touch()
        return run(counts, cluster.url("").rstrip("/"))


def judge(found: dict[str, Any], most: int) -> list[str]:
    """What is not as promised."""
    faults = []
    for name, page in found.items():
        if not name.endswith(f", {most:,} events"):
            continue
        limits = {"queries": MOST_QUERIES, "bytes": MOST_BYTES, "cpu": MOST_MILLISECONDS}
        if not page["bytes"]:
            limits.pop("queries")  # a change writes, and its queries are those of its operation
        faults += [f"{name}: {page[key]} {key}, promised {limit}" for key, limit in limits.items() if page[key] > limit]
    return faults


def main() -> int:
    """Print a table, or JSON, and what is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[10, 10_000])
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--server")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", type=int, nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    if options.server:
        found = run(options.events, options.server)
    elif options.directory:
        found = with_server(options.directory, options.events)
    else:
        with tempfile.TemporaryDirectory() as directory:
            found = with_server(Path(directory), options.events)
    print(json.dumps(found, indent=2) if options.json else table(found))
    faults = judge(found, max(options.events))
    print(*faults, sep="\n", file=sys.stderr)
    return 1 if faults else 0


def table(found: dict[str, Any]) -> str:
    """One line per page."""
    lines = [f"{'':44}{'cpu ms':>9}{'wall ms':>9}{'queries':>9}{'kB':>8}"]
    lines += [
        f"{name:44}{page['cpu']:>9.1f}{page['wall']:>9.1f}{page['queries']:>9}{page['bytes'] / 1000:>8.1f}"
        for name, page in found.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
