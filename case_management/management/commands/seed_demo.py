"""``seed_demo``: a believable company with two years of cases, the same for the same seed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from case_management.models import Unit
from case_management.testing.demo import people
from case_management.testing.demo.seeding import SIZES, Seeder, described


class Command(BaseCommand):
    """Fills an empty database only; it never touches data that is there."""

    help = "Fill an empty database with a demonstration company: lists, staff, rules and two years of cases."

    def add_arguments(self, parser: CommandParser) -> None:
        """Seed, size, where the log-ins are written, and the moment that counts as now."""
        parser.add_argument("--seed", type=int, default=1, help="The same seed and --now give the same cases.")
        parser.add_argument("--size", choices=SIZES, default="small", help="How many cases.")
        parser.add_argument("--json", metavar="FILE", help="Write users, passwords, units and references here.")
        parser.add_argument("--now", metavar="ISO", help="Moment that counts as now, with offset (default: this hour).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Found, hire, fill, and say where to begin."""
        if Unit.objects.exists():
            raise CommandError("This database has units already; seed_demo fills an empty one only.")
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        now = datetime.fromisoformat(options["now"]) if options["now"] else hour
        if timezone.is_naive(now):
            raise CommandError("--now needs an offset from UTC, such as 2026-03-01T09:00+00:00.")
        seeder = Seeder(options["seed"], now)
        staff = seeder.found()
        total = SIZES[options["size"]]
        seeder.fill(total, lambda done: self.stdout.write(f"{done:,} of {total:,} cases"))
        seeder.praise()
        token = people.api_token(next(person for person in staff if person.role == "Case manager"))
        if options["json"]:
            Path(options["json"]).write_text(json.dumps(described(staff, token), indent=2), encoding="utf-8")
        self.stdout.write(self.style.SUCCESS(f"{total:,} cases of {len(staff)} people are ready."))
