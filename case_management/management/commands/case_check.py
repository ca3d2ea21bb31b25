"""``case_check``: is everything as promised? Exit code 1 if anything is wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from case_management.jobs.health import report


class Command(BaseCommand):
    """Outbox depth and age, dead letters, drift, orphans, files, sweep, queue and workers."""

    help = "Check outboxes, dead letters, drift, orphans, files, queue and workers; exit 1 if anything is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--json`` for machines, ``--full`` to fold every case instead of the latest ones."""
        parser.add_argument("--json", action="store_true", help="Print the whole report as JSON.")
        parser.add_argument(
            "--full", action="store_true", help="Compare every case with its events, look for every file."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print and judge."""
        found = report(full=options["full"])
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2, default=str))
        else:
            for problem in found["problems"]:
                self.stdout.write(self.style.ERROR(problem))
            self.stdout.write(f"{len(found['problems'])} problems; {found['drift']['checked']} cases compared.")
        if found["problems"]:
            sys.exit(1)
