"""``case_worker``: work the queues in the foreground, one process per queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from case_management import background, conf


class Command(BaseCommand):
    """Run RQ workers with the serializer, heartbeat and maintenance that this package needs."""

    help = "Work case management's queues in the foreground: one worker process per queue, JSON jobs only."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--queue`` picks one; ``--burst`` ends when it is empty."""
        parser.add_argument("--queue", help="Work only this queue, in this very process.")
        parser.add_argument("--burst", action="store_true", help="With --queue: stop when the queue is empty.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Until SIGTERM or Ctrl-C."""
        if options["queue"]:
            background.run_worker(options["queue"], burst=options["burst"])
            return
        queues = sorted(set(conf.queues().values()))
        self.stdout.write(f"Working on {', '.join(queues)}; stop with Ctrl-C.")
        background.run_workers(queues)
