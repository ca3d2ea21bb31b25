"""Measures how fast, and in how much memory, tables of 100,000 rows by 13 columns are written and read.

Run ``python -m benchmarks.tabular_io [--rows N] [--repeat N]``. Each case runs in a process of its own. The floor of a
case is the standard library's plain ``csv.writer`` or ``csv.reader`` over the same rows in the same run. Rates, ratios
and goals count CPU seconds, which say something on a busy machine too; the wall clock is an upper bound there. Exits
with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
from django.conf import settings

from case_management.tabular import Limits, open_table, open_writer

HEADERS = [
    "Reference", "Title", "Description", "Status", "Priority", "Topic", "Unit",
    "Assignee", "Customer", "Score", "Opened", "Due", "Tags",
]  # fmt: skip
GOALS = {"write csv": 15_000, "write xlsx": 7_000, "read xlsx": 15_000}
TEXT = (
    "late delivery of the parcel, customer waits; refund asked for the second time and nobody answered "
    "since Monday – please call back “today” or write to the address on file"
)


def table_rows(count: int) -> Iterator[list[object]]:
    """Rows as an export of cases has them, about 470 bytes each; the same ones in every run."""
    chance = random.Random(7)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    texts = [" ".join(chance.choices(TEXT.split(), k=45)) for _ in range(500)]
    for number in range(count):
        opened = start + timedelta(seconds=37 * number, microseconds=number)
        yield [
            f"C-{number:07d}", texts[number % 500][:60], texts[number * 7 % 500], ("new", "resolved")[number % 2],
            number % 4, f"Topic {number % 40}", f"Unit {number % 200}", f"person{number % 200}@example.com",
            f"+49 30 {number:07d}", number / 8, opened, opened + timedelta(days=2), "late, refund",
        ]  # fmt: skip


def write_floor(path: Path, count: int) -> None:
    """The standard library alone."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(table_rows(count))


def read_floor(path: Path, count: int) -> None:
    """The standard library alone."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _row in csv.reader(file)) == count + 1


def write_table(path: Path, count: int) -> None:
    """Our writer of the format that the path's name ends with."""
    with path.open("wb") as file, open_writer(file, path.suffix[1:], HEADERS) as table:
        for row in table_rows(count):
            table.write(row)


def read_table(path: Path, count: int) -> None:
    """Our reader of the format that the path's name ends with."""
    with open_table(path, limits=Limits(file_bytes=2**30)) as table:
        assert sum(1 for row in table if row.problem is None) == count


def make_rows(_path: Path, count: int) -> None:
    """What making the rows costs, which is no writer's doing."""
    for _row in table_rows(count):
        pass


CASES: dict[str, tuple[Callable[[Path, int], None], str]] = {
    "make rows": (make_rows, "none"),
    "write floor": (write_floor, "floor.csv"),
    "write csv": (write_table, "table.csv"),
    "write xlsx": (write_table, "table.xlsx"),
    "write json": (write_table, "table.json"),
    "write jsonl": (write_table, "table.jsonl"),
    "read floor": (read_floor, "table.csv"),
    "read csv": (read_table, "table.csv"),
    "read xlsx": (read_table, "table.xlsx"),
    "read json": (read_table, "table.json"),
    "read jsonl": (read_table, "table.jsonl"),
}


def peak_memory() -> float:
    """The most memory of this process, in MB; the kernel's ``ru_maxrss`` would count the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def run_case(name: str, folder: Path, count: int) -> dict[str, float]:
    """One case in this process: wall clock, CPU seconds, peak memory in MB beyond what was there before."""
    settings.configure()
    django.setup()
    before = peak_memory()
    function, file_name = CASES[name]
    wall, cpu = time.perf_counter(), time.process_time()
    function(folder / file_name, count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu, "peak": peak_memory(), "grown": peak_memory() - before}


def best_of(name: str, folder: Path, count: int, repeat: int) -> dict[str, float]:
    """The quickest of several runs, each in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.tabular_io", "--rows", str(count), "--case", name]
    runs = [
        json.loads(subprocess.run([*command, "--folder", str(folder)], check=True, capture_output=True).stdout)
        for _ in range(repeat)
    ]
    return min(runs, key=lambda run: float(run["cpu"]))


def report(count: int, repeat: int) -> int:
    """Run everything, print a table, and return how many goals were missed."""
    missed = 0
    load = os.getloadavg()[0]
    print(f"{count:,} rows x {len(HEADERS)} columns, best of {repeat}, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{'case':12} {'rows/CPU s':>10} {'CPU s':>7} {'wall s':>7} {'x floor':>8} {'peak MB':>8} {'+MB':>6}  goal")
    with tempfile.TemporaryDirectory() as folder:
        floors: dict[str, float] = {}
        for name in CASES:
            found = best_of(name, Path(folder), count, repeat)
            kind = name.split()[0]
            floor = floors.setdefault(kind, found["cpu"])
            rate = count / found["cpu"]
            goal = GOALS.get(name, 0)
            missed += rate < goal
            verdict = "" if not goal else f">= {goal:,} {'met' if rate >= goal else 'MISSED'}"
            print(
                f"{name:12} {rate:10,.0f} {found['cpu']:7.2f} {found['wall']:7.2f} {found['cpu'] / floor:8.1f} "
                f"{found['peak']:8.0f} {found['grown']:6.1f}  {verdict}"
            )
    return missed


def main() -> int:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.case:
        json.dump(run_case(chosen.case, chosen.folder, chosen.rows), sys.stdout)
        return 0
    return 1 if report(chosen.rows, chosen.repeat) else 0


if __name__ == "__main__":
    sys.exit(main())
