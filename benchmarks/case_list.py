"""Measures the list of cases, its search and the dashboard at growing numbers of cases.

Run ``python -m benchmarks.case_list [--cases 10000 100000 1000000] [--directory DIR] [--json]``. Each number has a
database of its own on an own embedded PostgreSQL; DIR keeps them for the next run (a million takes some minutes to fill
and 3 GB). ``--server URL`` uses a running server instead, up to its last slash.

Every line is a whole page through Django's test client, the cheapest of three after a first one: "cpu" is the processor
time of this process and of PostgreSQL's in milliseconds (Linux), "wall" the clock's, "queries" how many. The floor,
measured in the same run, is one query of 25 rows along an index through the ORM. PostgreSQL may not work in parallel.
Exits with 1 when a page reads more than 100,000 rows of a table from end to end, or is more than twice as dear at the
greatest number as at the smallest (below 25 ms more, nobody waits). :data:`OWN_LIMITS` names the pages whose work grows
with what they show; they have a limit in milliseconds instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from example_project.processes import Processes
from tests.services import Postgres

#: A page may grow by this factor, or by so many milliseconds.
MOST_GROWTH, NOBODY_WAITS = 2.0, 25.0
MANY_ROWS = 100_000
#: What else the machine does is least in the cheapest of so many calls.
TIMES = 3
#: Pages that read as much more as there is more to read: (beginning of the name, most milliseconds of cpu, reason).
#: These are promised to stay below a limit, at a million cases, and not to stay the same.
OWN_LIMITS = (
    ("search: common", 500.0, "collects from the index every case that has the word, before the first is looked at"),
    ("search: two words", 500.0, "orders every hit by urgency; the hits grow with the cases"),
    ("search: two common words", 500.0, "orders every hit by urgency; the hits grow with the cases"),
    ("search: a phrase", 500.0, "orders every hit by urgency; the hits grow with the cases"),
    ("dashboard, 365 days", 500.0, "adds up the cases of a year, one by one"),
)
WATCHED = ("case", "caseevent", "casetext", "casenote", "casetag", "contact")
FILTERS = {
    "open": "status=open", "past due": "status=overdue", "done": "status=done", "one status": "status=waiting",
    "source": "source=e-mail", "type": "type=social", "priority": "priority=urgent", "topic": "topic=room",
    "unit": "unit=MF-N", "team": "team=billing-desk", "mine": "status=open&assignee=me", "nobody": "assignee=nobody",
    "tag": "tag=family", "escalated": "escalated=yes", "flagged": "flagged=all", "flagged by me": "flagged=mine",
    "awaiting": "awaiting=yes", "snoozed": "snoozed=yes", "my teams": "my_teams=yes", "merged": "merged=yes",
    "opened in a week": "opened_after=2025-06-01&opened_before=2025-06-07",
    "resolved in a week": "resolved_after=2025-06-01&resolved_before=2025-06-07",
    "due in a week": "due_after=2025-06-01&due_before=2025-06-07", "score": "score_to=2",
    "unit, topic, tag": "unit=101&topic=room-noise&tag=family",
}  # fmt: skip
SEARCHES = {
    "e-mail": "guest.5001@example.net", "external id": "crm-5005", "rare word": "quokka", "one order": "5005",
    "common word": "hotel", "common beginning": "ho", "two words": "bathroom cleaned",
    "two common words": "hotel order", "a phrase": '"two single beds"', "rare and common": "quokka hotel",
    "a slip": "brekfast", "no such word": "xyzzyx",
}  # fmt: skip


def pages() -> Iterator[tuple[str, str]]:
    """(name, parameters of the list)."""
    yield "first page", ""
    yield "filters panel open", "panel=open"
    yield "filters panel, open cases", "status=open&panel=open"
    for sort in ("newest", "oldest", "updated", "priority"):
        yield f"sort: {sort}", f"sort={sort}"
    for name, query in FILTERS.items():
        yield f"filter: {name}", query
    for name, text in SEARCHES.items():
        yield f"search: {name}", f"q={text}"
    yield "search: common word, panel open", "q=hotel&panel=open"


class Probe:
    """Times calls: this process and the server's process for our connection."""

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415 - the settings are there by now

        self.connection = connection
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT pg_backend_pid()")
            self.server = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def measure(self, call: Callable[[], Any]) -> dict[str, Any]:
        """Milliseconds of the cheapest of some calls, and what the one before them asked the database."""
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        with CaptureQueriesContext(self.connection) as asked:
            call()
            statements = [query["sql"] for query in asked.captured_queries]
        busy, wall = min(self._once(call) for _ in range(TIMES))
        return {
            "cpu": round(busy * 1e3, 1),
            "wall": round(wall * 1e3, 1),
            "queries": len(statements),
            "scans": sorted({scan for sql in statements for scan in scans(self.connection, sql)}),
        }

    def _once(self, call: Callable[[], Any]) -> tuple[float, float]:
        """Seconds of the processor, and of the clock."""
        cpu, served, clock = time.process_time(), self._served(), time.perf_counter()
        call()
        wall = time.perf_counter() - clock
        return time.process_time() - cpu + self._served() - served, wall

    def _served(self) -> float:
        return int(self.server.read_text().split()[0]) / 1e9 if self.server.exists() else 0.0


def scans(connection: Any, sql: str) -> Iterator[str]:
    """Watched tables of which a statement reads more than :data:`MANY_ROWS` from end to end; it is carried out.

    A count that ends at its cap may well begin to read a table where every other row is counted.
    """
    if not sql.lstrip("( ").upper().startswith(("SELECT", "WITH")):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    for node in nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
        table = node.get("Relation Name", "").removeprefix("case_management_")
        read = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        if node["Node Type"] == "Seq Scan" and table in WATCHED and read > MANY_ROWS:
            yield table


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node of a plan and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def measure_one(count: int) -> dict[str, Any]:
    """Everything at one number of cases; runs in a process of its own, on the database of DATABASE_URL."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from benchmarks.case_list_data import fill  # noqa: PLC0415

    fill(count)
    probe, results = Probe(), {}
    results["floor: 25 rows along an index"] = probe.measure(floor)
    for username in ("morgan.manager", "robin.north"):
        client = sign_in(Client(SERVER_NAME="localhost"), username)
        address = reverse("case_management:list")
        asked = [*pages(), ("deep page", deep_page()), ("search: reference", f"q={middle().reference}")]
        for name, query in asked:
            page = f"{address}?{query or 'view=all'}"
            results[f"{name} ({username.partition('.')[2]})"] = probe.measure(partial(fetch, client, page))
        for days in (30, 365):
            page = f"{reverse('case_management:dashboard')}?days={days}"
            name = f"dashboard, {days} days ({username.partition('.')[2]})"
            results[name] = probe.measure(partial(fetch, client, page))
    return results


def sign_in(client: Any, username: str) -> Any:
    """A client of the demo's person."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415

    client.force_login(get_user_model()._default_manager.get(username=username))
    return client


def fetch(client: Any, page: str) -> None:
    """The page, which must be there."""
    response = client.get(page)
    assert response.status_code == 200, (page, response.status_code)


def floor() -> None:
    """What no list can do without."""
    from case_management.models import Case  # noqa: PLC0415

    list(Case.objects.filter(status="in_progress").order_by("urgent_at", "priority_rank", "id")[:25])


def middle() -> Any:
    """A closed case half-way through the list."""
    from case_management.models import Case  # noqa: PLC0415

    closed = Case.objects.filter(status="closed").order_by("-resolved_at", "-id")
    return closed[Case.objects.count() // 2]


def deep_page() -> str:
    """The page that starts in the middle of the closed cases."""
    from case_management.domain.states import Status  # noqa: PLC0415
    from case_management.ui.lists.sorting import DEFAULT_SORT  # noqa: PLC0415
    from case_management.ui.paging import Cursor  # noqa: PLC0415

    values = DEFAULT_SORT.order(Status.CLOSED).values(middle())
    return f"after={Cursor('closed', values).encode(DEFAULT_SORT.key)}"


def run(counts: list[int], server: str) -> dict[int, dict[str, Any]]:
    """Each number in a process of its own."""
    found = {}
    for count in counts:
        environment = {**os.environ, "DATABASE_URL": f"{server}/cases_{count}", "SECRET_KEY": "benchmark"}
        command = [sys.executable, "-m", "benchmarks.case_list", "--one", str(count)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        found[count] = json.loads(done.stdout.splitlines()[-1])
    return found


def with_server(directory: Path, counts: list[int]) -> dict[int, dict[str, Any]]:
    """The same on a cluster of our own, kept in the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    with Processes() as processes:
        cluster = Postgres(processes, directory / "cluster")
        if not cluster.data.exists():
            cluster.create()
        cluster.start()
        for count in counts:
            if not (directory / f"cases_{count}").exists():
                cluster.create_database(f"cases_{count}")
                (directory / f"cases_{count}").touch()
        return run(counts, cluster.url("").rstrip("/"))


def judge(found: dict[int, dict[str, Any]]) -> list[str]:
    """What is not as promised."""
    least, most = min(found), max(found)
    faults = [f"{name}: reads all of {', '.join(page['scans'])}" for name, page in found[most].items() if page["scans"]]
    for name, page in found[most].items():
        before = found[least][name]["cpu"]
        limit = next((limit for start, limit, _reason in OWN_LIMITS if name.startswith(start)), None)
        if limit is not None:
            if page["cpu"] > limit:
                faults.append(f"{name}: {page['cpu']} ms, the limit of its own is {limit:.0f}")
            continue
        if page["cpu"] > max(before * MOST_GROWTH, before + NOBODY_WAITS):
            faults.append(f"{name}: {page['cpu']} ms, {page['cpu'] / before:.1f} times as much as at {least:,}")
    return faults


def main() -> int:
    """Print a table, or JSON, and what is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--server")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure_one(options.one)))
        return 0
    if options.server:
        found = run(options.cases, options.server)
    elif options.directory:
        found = with_server(options.directory, options.cases)
    else:
        with tempfile.TemporaryDirectory() as directory:
            found = with_server(Path(directory), options.cases)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        report(found)
    faults = judge(found)
    print(*faults, sep="\n", file=sys.stderr)
    return 1 if faults else 0


def report(found: dict[int, dict[str, Any]]) -> None:
    """One line per page, one pair of columns per number of cases."""
    least, most = min(found), max(found)
    print(f"{'milliseconds of cpu / wall at':44}" + "".join(f"{count:>20,}" for count in found) + "  queries  growth")
    for name in found[most]:
        figures = "".join(f"{found[count][name]['cpu']:>11.1f} /{found[count][name]['wall']:>7.1f}" for count in found)
        growth = found[most][name]["cpu"] / max(found[least][name]["cpu"], 0.1)
        print(f"{name:44}{figures}  {found[most][name]['queries']:>7}  {growth:>6.2f}")


if __name__ == "__main__":
    sys.exit(main())
