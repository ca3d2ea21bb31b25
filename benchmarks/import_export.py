"""Measures imports and exports of cases beside the plainest code that does the same work without its promises.

Run ``DATABASE_URL=postgresql://… python -m benchmarks.import_export [--rows 20000] [--json]`` on a database of its own:
it migrates it, adds rows and removes them again. The floor of an import is ``csv.reader`` and two ``bulk_create`` (a
case and an event): no checks, no rights, no chain of hashes, no second run that changes nothing. The floor of an export
is ``values_list`` and ``csv.writer``. Rates are rows per second of the clock, "cpu" is the processor time of this
process per row, "MB" by how much its memory grew (Linux). On a busy machine compare with the floor.
Exits with 1 when creating is slower than the floor and slower than the goal.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
django.setup()

from case_management.models import Case, CaseEvent, CaseText, ImportBatch, Priority, Source, Topic, Unit  # noqa: E402
from case_management.resources.export_file import export_rows, write_export  # noqa: E402
from case_management.resources.file_imports import report, run_file  # noqa: E402
from case_management.resources.mapping import Mapping  # noqa: E402

COLUMNS = ["external_id", "source", "title", "description", "topic", "priority", "unit_number", "opened_at"]
START = datetime(2024, 1, 1, tzinfo=UTC)
CHUNK = 2000
GOAL_CREATE = 4_000
_OF_CASE = "case__source__name"


def prepare() -> Any:
    """Migrate, and make the lists that the rows name."""
    call_command("migrate", verbosity=0)
    users = get_user_model()._default_manager
    user = users.get_or_create(username="benchmark", defaults={"is_superuser": True})[0]
    for name in ("Benchmark", "Benchmark floor"):
        Source.objects.get_or_create(name=name)
    for rank in range(1, 5):
        Priority.objects.get_or_create(name=f"Benchmark {rank}", defaults={"rank": rank})
    if not Topic.objects.filter(key="benchmark-0").exists():
        for number in range(40):
            Topic.add_root(name=f"Benchmark {number}", key=f"benchmark-{number}")
        for number in range(50):
            Unit.add_root(name=f"Benchmark {number}", number=f"BENCH-{number}")
    return user


def write_file(path: Path, rows: int, shift: int = 0) -> None:
    """A file of open cases; ``shift`` gives each another topic."""
    dice = random.Random(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            topic, unit = (dice.randrange(40) + shift) % 40, dice.randrange(50)
            opened = START + timedelta(minutes=number)
            facts = [f"Benchmark {topic}", f"Benchmark {dice.randrange(1, 5)}", f"BENCH-{unit}"]
            text = "Lorem ipsum dolor sit amet, consectetur. " * 4
            writer.writerow([number, "Benchmark", f"Complaint {number}", text, *facts, opened.isoformat()])


def floor_import(path: Path, user: Any) -> int:
    """Read, look up, insert."""
    source = Source.objects.get(name="Benchmark floor")
    topics, units = dict(Topic.objects.values_list("name", "pk")), dict(Unit.objects.values_list("number", "pk"))
    priorities = {entry.name: entry for entry in Priority.objects.all()}
    total = 0
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        while batch := [row for _, row in zip(range(CHUNK), reader, strict=False)]:
            cases, events = [], []
            for row in batch:
                opened, priority = datetime.fromisoformat(row["opened_at"]), priorities[row["priority"]]
                payload = {"topic": topics[row["topic"]], "priority": priority.pk, "unit": units[row["unit_number"]]}
                cases.append(
                    Case(
                        reference=f"#{row['external_id']}", external_id=row["external_id"], source=source,
                        title=row["title"], description=row["description"], topic_id=payload["topic"],
                        priority=priority, priority_rank=priority.rank, unit_id=payload["unit"],
                        opened_at=opened, updated_at=opened, version=1,
                    )
                )  # fmt: skip
                events.append(
                    CaseEvent(
                        seq=1, type="opened", payload=payload, actor_kind="import", actor=user, actor_label="floor",
                        occurred_at=opened, recorded_at=START, hash="0" * 64,
                    )
                )  # fmt: skip
            with transaction.atomic():
                Case.objects.bulk_create(cases)
                for case, event in zip(cases, events, strict=True):
                    event.case_id = case.pk
                CaseEvent.objects.bulk_create(events)
            total += len(batch)
    return total


def ours_import(path: Path, user: Any) -> int:
    """Through the command's own path: checkpoints and all."""
    found = report(run_file(path, user=user, mapping=Mapping(), check_only=False))
    assert not found["refused"], found["remarks"][:3]
    return int(found["rows"])


def floor_export(target: Path) -> int:
    """As many columns, as they come."""
    paths = [
        "reference", "external_id", "source__name", "status", "waiting_for", "title", "description", "topic__name",
        "case_type__name", "priority__name", "unit__number", "unit__name", "team__name", "assignee__username",
        "contact__external_id", "contact__name", "opened_at", "started_at", "due_at", "resolved_at", "closed_at",
        "breached_at", "closure_reason__name", "resolution_method__name", "close_channel__name", "escalation_level",
        "flagged", "reopen_count",
    ]  # fmt: skip
    rows = Case.objects.filter(source__name="Benchmark").order_by("pk").values_list(*paths)
    with target.open("w", newline="") as file:
        writer = csv.writer(file)
        count = 0
        for row in rows.iterator(chunk_size=CHUNK):
            writer.writerow(row)
            count += 1
    return count


def ours_export(format: str, user: Any, target: Path) -> int:
    """Rights, filter, tags, notes, first words, guard."""
    with target.open("wb") as file:
        source = export_rows(user, "cases", "source=benchmark")
        return write_export(source, format, file, lambda done, total: None)


def clean(path: Path) -> None:
    """Take away what the run has added."""
    for source in ("Benchmark", "Benchmark floor"):
        for model, name in ((CaseText, _OF_CASE), (CaseEvent, _OF_CASE), (Case, "source__name")):
            doomed = model._base_manager.filter(**{name: source}).order_by()
            doomed._raw_delete(connection.alias)
    ImportBatch.objects.filter(name__startswith=path.stem.partition("-")[0]).delete()


def measure(name: str, act: Callable[[], int]) -> dict[str, Any]:
    """Run once, with the clock, the processor and the memory watched."""
    gc.collect()
    memory, cpu, clock = peak_memory(anew=True), time.process_time(), time.perf_counter()
    rows = act()
    seconds, busy = time.perf_counter() - clock, time.process_time() - cpu
    return {
        "what": name,
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "cpu_us_per_row": round(busy / rows * 1e6),
        "grown_mb": round(peak_memory() - memory, 1),
    }


def peak_memory(*, anew: bool = False) -> float:
    """The most memory that this process has held, in MB; since now, if ``anew``. 0 where Linux is not."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        return 0.0
    if anew:
        reset.write_text("5")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def run(rows: int) -> list[dict[str, Any]]:
    """Every measurement, in an order in which each finds what it needs."""
    user, results = prepare(), []
    with tempfile.TemporaryDirectory() as folder:
        first, changed, out = Path(folder, "benchmark-1.csv"), Path(folder, "benchmark-2.csv"), Path(folder, "out")
        write_file(first, rows)
        write_file(changed, rows, shift=1)
        clean(first)
        try:
            results += [
                measure("import, floor: csv + bulk_create", lambda: floor_import(first, user)),
                measure("import, create with an event each", lambda: ours_import(first, user)),
                measure("import, the same file again", lambda: ours_import(first, user)),
                measure("import, every row changed", lambda: ours_import(changed, user)),
                measure("export, floor: values_list + csv", lambda: floor_export(out)),
                *(
                    measure(f"export, {format}", lambda format=format: ours_export(format, user, out))
                    for format in ("csv", "xlsx", "json")
                ),
            ]
        finally:
            clean(first)
    return results


def main() -> int:
    """Print a table, or JSON; exit code 1 when creating is slower than the floor allows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = run(options.rows)
    floor, create = results[0], results[1]
    ratio = create["rows_per_second"] / floor["rows_per_second"]
    if options.json:
        print(
            json.dumps(
                {"database": connection.vendor, "results": results, "create_to_floor": round(ratio, 2)}, indent=2
            )
        )
    else:
        print(
            f"{connection.vendor}, {options.rows:,} rows, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        )
        for found in results:
            print(
                f"{found['what']:36} {found['rows_per_second']:>8,} rows/s {found['cpu_us_per_row']:>6} µs cpu/row"
                f" {found['grown_mb']:>7} MB"
            )
        print(f"create: {ratio:.2f} × the floor; goal {GOAL_CREATE:,} rows/s on a quiet machine")
    return 0 if ratio >= 1 or create["rows_per_second"] >= GOAL_CREATE else 1


if __name__ == "__main__":
    sys.exit(main())
