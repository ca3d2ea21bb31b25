"""Measures how long a rule, and a policy, takes over the past of so many cases.

Run ``python -m benchmarks.backtest [--cases 10000 100000 1000000] [--json]``. It starts an own embedded PostgreSQL;
``--server URL`` uses a running server instead, up to its last slash, and makes the databases ``backtest_N`` there.

Every case was opened; a third got another priority, a fifth was flagged, two thirds were resolved: 2.2 events a case.
Three rules are tried over all of it: one is asked when a case is opened and acts on a tenth of them; one is asked
whenever a case changes, about priority, topic and what happened, acts on a fifteenth, and counts once per contact; one
asks for interactions (there are none, which is what the question itself costs). The policy promises a resolution and
both replies to a third of the cases, to which nothing was promised. Each trial is asked for as the page does, and done
by ``--workers`` processes, two unless told otherwise; every line that it finds is kept in the database. Exits with 1
where a trial takes more than :data:`MOST_SECONDS` over a million cases.
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

from example_project.processes import Processes, wait_until
from tests.services import Postgres

MOST_SECONDS = 60.0
_CONTACTS = """
INSERT INTO case_management_contact (id, name, external_id, language, country, customer_model, customer_id, created_at)
SELECT n, 'Guest ' || n, 'guest-' || n, '', '', '', '', %(now)s FROM generate_series(1, %(count)s / 2 + 1) AS n
"""
_CASES = """
INSERT INTO case_management_case (
  id, reference, external_id, source_id, contact_id, title, description, status, waiting_for, topic_id, priority_id,
  priority_rank, flagged, escalation_level, opened_at, resolved_at, custom, custom_texts, reopen_count, urgent_at,
  version, updated_at, chain_head)
SELECT n, 'B' || n, 'b' || n, %(source)s, 1 + n / 2, 'A case', 'Cold.',
       CASE WHEN n %% 3 > 0 THEN 'resolved' ELSE 'new' END, '', (%(topics)s::int[])[1 + n %% 10],
       (%(priorities)s::int[])[1 + n %% 3], 1 + n %% 3, n %% 5 = 0, 0, opened,
       CASE WHEN n %% 3 > 0 THEN opened + '3 days' END, '{}', '{}', 0, opened, 2,
       opened + CASE WHEN n %% 3 > 0 THEN interval '3 days' ELSE '2 hours' END, ''
  FROM (SELECT n, %(now)s::timestamptz - (%(count)s - n) * (interval '360 days' / %(count)s) - interval '4 days'
               AS opened FROM generate_series(1, %(count)s) AS n) AS made
"""
_EVENTS = """
INSERT INTO case_management_caseevent (
  case_id, seq, type, payload, actor_kind, actor_label, occurred_at, recorded_at, depth, hash)
SELECT id, seq, type, payload, 'system', 'benchmark', at, at, 0, '' FROM (
  SELECT id, 1 AS seq, 'opened' AS type, opened_at AS at, jsonb_build_object('topic', topic_id, 'priority',
         (%(priorities)s::int[])[3], 'priority_rank', 3) AS payload FROM case_management_case
  UNION ALL
  SELECT id, 2, 'priority_changed', opened_at + interval '1 hour',
         jsonb_build_object('to', priority_id, 'rank', priority_rank) FROM case_management_case WHERE id %% 3 = 0
  UNION ALL
  SELECT id, 3, 'flagged', opened_at + interval '2 hours', '{}'::jsonb FROM case_management_case WHERE id %% 5 = 0
  UNION ALL
  SELECT id, 4, 'resolved', resolved_at, jsonb_build_object('reason', %(reason)s)
    FROM case_management_case WHERE resolved_at IS NOT NULL) AS happened
 ORDER BY id, seq
"""


def prepare(count: int) -> None:
    """So many cases with their events, by SQL."""
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from case_management import models  # noqa: PLC0415
    from case_management.testing import make_topic  # noqa: PLC0415

    topics = [make_topic(f"topic-{n}").pk for n in range(10)]
    ranks = {"high": 1, "normal": 2, "low": 3}
    rows = [models.Priority.objects.create(name=key, key=key, rank=rank) for key, rank in ranks.items()]
    facts = {
        "count": count, "now": timezone.now(), "topics": topics, "priorities": [row.pk for row in rows],
        "source": models.Source.objects.create(name="Survey", key="survey").pk,
        "reason": models.ClosureReason.objects.create(name="Solved", key="solved").pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in (_CONTACTS, _CASES, _EVENTS):
            cursor.execute(statement, facts)
        cursor.execute("ANALYZE")


def rules() -> dict[str, Any]:
    """What is tried."""
    from case_management.models import Rule  # noqa: PLC0415

    of_topic = {"field": "topic", "op": "under", "value": "topic-3"}
    turned_high = {"all": [
        {"field": "event", "op": "eq", "value": "priority_changed"},
        {"field": "priority", "op": "in", "value": ["high", "normal"]},
        {"any": [{"field": "topic", "op": "under", "value": "topic-3"},
                 {"field": "topic", "op": "under", "value": "topic-6"}]},
    ]}  # fmt: skip
    high = [{"action": "set_priority", "priority": "high"}]
    flag = [{"action": "flag"}, {"action": "note", "text": "Somebody should look."}]
    asked = {
        "opened": {"occasion": "case_opened", "conditions": of_topic, "actions": high},
        "changed": {"occasion": "case_changed", "conditions": turned_high, "actions": flag,
                    "cadence": "once_per_contact", "cadence_days": 7},
        "interactions": {"occasion": "interaction_received", "conditions": {}, "actions": [{"action": "alert"}]},
    }  # fmt: skip
    make = Rule.objects.create
    return {key: make(key=key, name=key, state="draft", is_active=False, **parts) for key, parts in asked.items()}


def policy() -> tuple[Any, Any]:
    """Urgent ones within a day of office hours; what is tried, and its row, which is switched off."""
    from case_management.models import BusinessCalendar, Priority, SlaPolicy  # noqa: PLC0415
    from case_management.trying.tried_policy import TriedPolicy  # noqa: PLC0415

    hours = BusinessCalendar.objects.create(name="Office")
    row = SlaPolicy.objects.create(key="p", name="P", calendar=hours, is_active=False)
    asked = {"priorities": [Priority.objects.get(key="high").pk]}
    return TriedPolicy.drafted(row, {"resolve": 480, "first_response": 60, "next_reply": 60}, asked), row


def work() -> None:
    """Run what is due, until somebody ends it."""
    from case_management.jobs.trials import run_trials  # noqa: PLC0415

    print("ready", flush=True)
    while True:
        if not run_trials():
            time.sleep(0.05)


def measure(count: int, workers: int) -> dict[str, dict[str, float]]:
    """Everything, on the database of DATABASE_URL."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    prepare(count)
    boss = get_user_model().objects.create(username="boss", is_superuser=True)
    with Processes() as processes, tempfile.TemporaryDirectory() as directory:
        logs = [Path(directory) / f"worker-{number}.log" for number in range(workers)]
        for log in logs:
            processes.start(log.stem, [sys.executable, "-m", "benchmarks.backtest", "--work"], log=log)
        wait_until(lambda: all(log.stat().st_size for log in logs), seconds=60, what="the workers")
        found = {name: done(rule, boss) for name, rule in rules().items()}
        tried, row = policy()
        found["policy"] = done(tried, boss, stored=row)
    return found


def done(tried: Any, boss: Any, **about: Any) -> dict[str, float]:
    """Ask for a trial over a year and wait until the workers have done it."""
    from case_management.trying import kept  # noqa: PLC0415

    begun = time.perf_counter()
    trial = kept.start(tried, boss, days=365, **about)
    kept.run_now(trial)
    while trial.state == "pending":
        time.sleep(0.05)
        trial.refresh_from_db()
    total = trial.tally.get("total", {})
    found = {
        "seconds": time.perf_counter() - begun,
        "occasions": total.get("occasions", 0),
        "acted": total.get("acted", 0) or total.get("cases", 0),
        "lines": trial.rows.count(),
    }
    print(tried, trial.state, found, file=sys.stderr, flush=True)
    return found


def run(counts: list[int], server: str, workers: int) -> dict[int, Any]:
    """Each size in a process of its own, which finds the database in its environment."""
    found = {}
    for count in counts:
        environment = {**os.environ, "DATABASE_URL": f"{server}/backtest_{count}", "SECRET_KEY": "benchmark"}
        environment.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
        command = [sys.executable, "-m", "benchmarks.backtest", "--measure", str(count), "--workers", str(workers)]
        ended = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        found[count] = json.loads(ended.stdout.splitlines()[-1])
    return found


def with_server(directory: Path, counts: list[int], workers: int) -> dict[int, Any]:
    """On a cluster of our own."""
    directory.chmod(0o755)
    with Processes() as processes:
        cluster = Postgres(processes, directory / "cluster")
        cluster.create()
        cluster.start()
        for count in counts:
            cluster.create_database(f"backtest_{count}")
        return run(counts, cluster.url("").rstrip("/"), workers)


def main() -> int:
    """Print a table, or JSON, and what is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--server")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure or options.work:
        import django  # noqa: PLC0415

        django.setup()
        if options.work:
            work()
        print(json.dumps(measure(options.measure, options.workers)))
        return 0
    if options.server:
        found = run(options.cases, options.server, options.workers)
    else:
        with tempfile.TemporaryDirectory() as directory:
            found = with_server(Path(directory), options.cases, options.workers)
    lines = [
        f"{count:>9,} {name:13}{line['seconds']:>8.1f} s, {line['occasions']:>9,} occasions, "
        f"{line['acted']:>8,} acted, {line['lines']:>8,} lines"
        for count, names in found.items()
        for name, line in names.items()
    ]
    print(json.dumps(found, indent=2) if options.json else "\n".join(lines))
    late = [name for name, line in found.get(1_000_000, {}).items() if line["seconds"] > MOST_SECONDS]
    if late:
        print(f"a million cases take more than {MOST_SECONDS} s: {', '.join(late)}", file=sys.stderr)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
