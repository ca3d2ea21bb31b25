"""``run_due_jobs``: do all due work in this process, without a queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from case_management.jobs.drain import drain_all


class Command(BaseCommand):
    """For operators without workers (run it from cron) and for tests."""

    help = "Do due work in this process: one round, or with --until-idle until nothing is due."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--until-idle`` repeats."""
        parser.add_argument("--until-idle", action="store_true", help="Go on until nothing is due.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how much was done."""
        done = rounds = drain_all()
        while options["until_idle"] and rounds:
            rounds = drain_all()
            done += rounds
        self.stdout.write(f"{done} pieces of work done.")
