"""Measures what the active rules cost one event of a case.

Run ``python -m benchmarks.rules [--rules 500] [--json]``. It starts an own embedded PostgreSQL; ``--server URL`` uses
a running server instead, up to its last slash, and makes the database ``rules`` there.

Half of the rules ask first for a choice (a topic or priority that the case does not have), a quarter for a change that
did not happen, and a quarter has nothing that is cheap to ask: they look for words in the description. One rule holds
and acts. Every line is the median of seven in milliseconds, with the number of queries: "reading" is the rules' rows
alone, the floor; "all asked" compiles every rule into the query, as if there were no index; "an event" is the whole
answer to an event, the action included. Exits with 1 when an event takes more than :data:`MOST_MILLISECONDS`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from example_project.processes import Processes
from tests.services import Postgres

MOST_MILLISECONDS, TIMES, DATABASE = 300.0, 7, "rules"


def write(count: int) -> None:
    """So many live rules on changes."""
    from case_management.models import Priority, Rule  # noqa: PLC0415
    from case_management.testing import make_topic  # noqa: PLC0415

    topics = [make_topic(f"topic-{n}").key for n in range(50)]
    Priority.objects.create(name="Low", key="low", rank=4)
    firsts: list[Callable[[int], dict[str, Any]]] = [
        lambda n: {"field": "topic", "op": "under", "value": topics[n % 50]},
        lambda n: {"field": "priority", "op": "eq", "value": "low"},
        lambda n: {"field": "changed.status", "op": "from_to", "value": {"to": "closed"}},
        lambda n: {"not": {"field": "description", "op": "contains", "value": "coffee"}},
    ]
    Rule.objects.bulk_create(
        Rule(
            key=f"r{n}", name=f"Rule {n}", occasion="case_changed", cadence="every_time", position=n,
            conditions={"all": [firsts[n % 4](n), {"field": "title", "op": "contains", "value": f"word {n}"}]},
            actions=[{"action": "note", "text": "Somebody should look at this."}],
        )
        for n in range(count - 1)
    )  # fmt: skip
    Rule.objects.create(
        key="acts", name="Acts", occasion="case_changed", cadence="every_time", position=count,
        conditions={"field": "event", "op": "in", "value": ["flagged", "unflagged"]},
        actions=[{"action": "note", "text": "Flagged or unflagged."}],
    )  # fmt: skip


def measure(count: int) -> dict[str, dict[str, float]]:
    """Everything, on the database of DATABASE_URL."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from case_management import operations  # noqa: PLC0415
    from case_management.domain.actor import Actor  # noqa: PLC0415
    from case_management.models import Rule  # noqa: PLC0415
    from case_management.rules import engine, reacting  # noqa: PLC0415
    from case_management.rules.conditions.tree import parse  # noqa: PLC0415
    from case_management.rules.custom_fields import fields_of  # noqa: PLC0415
    from case_management.rules.trace import Asked  # noqa: PLC0415
    from case_management.testing import make_case  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    write(count)
    case, by = make_case(title="Cold", description="My coffee was cold."), Actor.system("benchmark")

    def event() -> Any:
        verb = operations.unflag_case if case.flagged else operations.flag_case
        verb(case, by=by)
        return case.events.latest("seq")

    def all_asked(last: Any) -> None:
        fields, about = fields_of("case_changed"), engine.Happening("case_changed", {case.pk: case}, {case.pk: last})
        live = [(rule, parse(rule.conditions, fields)) for rule in Rule.objects.live("case_changed")]
        Asked([tree for _rule, tree in live], about.circumstances())

    found = {
        "reading": timed(lambda last: list(Rule.objects.live("case_changed")), event),
        "all asked": timed(all_asked, event),
        "an event": timed(lambda last: reacting.react([last]), event),
    }
    assert case.notes.count() == TIMES + 1, "the rule that holds did not act"
    return found


def timed(act: Callable[[Any], Any], event: Callable[[], Any]) -> dict[str, float]:
    """The median of some runs after one that warms up, each on an event of its own."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    spent, queries = [], 0
    for _run in range(TIMES + 1):
        last = event()
        with CaptureQueriesContext(connection) as captured:
            begun = time.perf_counter()
            act(last)
            spent.append((time.perf_counter() - begun) * 1000)
        queries = len(captured)
    return {"ms": statistics.median(spent[1:]), "queries": queries}


def run(count: int, server: str) -> dict[str, Any]:
    """In a process of its own, which finds the database in its environment."""
    environment = {**os.environ, "DATABASE_URL": f"{server}/{DATABASE}", "SECRET_KEY": "benchmark"}
    command = [sys.executable, "-m", "benchmarks.rules", "--measure", str(count)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def with_server(directory: Path, count: int) -> dict[str, Any]:
    """On a cluster of our own."""
    directory.chmod(0o755)
    with Processes() as processes:
        cluster = Postgres(processes, directory / "cluster")
        cluster.create()
        cluster.start()
        cluster.create_database(DATABASE)
        return run(count, cluster.url("").rstrip("/"))


def main() -> int:
    """Print a table, or JSON, and what is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--server")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    if options.server:
        found = run(options.rules, options.server)
    else:
        with tempfile.TemporaryDirectory() as directory:
            found = with_server(Path(directory), options.rules)
    lines = [f"{name:12}{line['ms']:>9.1f} ms{line['queries']:>6} queries" for name, line in found.items()]
    print(json.dumps(found, indent=2) if options.json else "\n".join(lines))
    if found["an event"]["ms"] > MOST_MILLISECONDS:
        print(f"an event takes more than {MOST_MILLISECONDS} ms", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
