"""``verify_timeline``: recompute every hash chain and every fold; exit code 1 at any difference."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from case_management import conf
from case_management.models import Case
from case_management.timeline import chain, projection


class Command(BaseCommand):
    """Names the first bad event of each case that was tampered with."""

    help = "Verify that no event was edited, removed, swapped or added; exit 1 if one was."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--case`` verifies one."""
        parser.add_argument("--case", metavar="REFERENCE", help="Verify only this case.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Chunk by chunk, in constant memory."""
        cases = Case.objects.order_by("pk")
        if options["case"]:
            cases = cases.filter(reference=options["case"])
        checked, breaks, drifts, last = 0, list[chain.Break](), list[str](), 0
        while chunk := list(cases.filter(pk__gt=last)[: conf.chunk_size()]):
            checked, last = checked + len(chunk), chunk[-1].pk
            breaks += chain.verify(chunk)
            drifts += projection.drift(chunk)
        self._print(options, checked, breaks, drifts)
        if breaks or drifts or (options["case"] and not checked):
            sys.exit(1)

    def _print(self, options: Any, checked: int, breaks: list[chain.Break], drifts: list[str]) -> None:
        if options["json"]:
            listed = [vars(broken) for broken in breaks]
            self.stdout.write(json.dumps({"checked": checked, "breaks": listed, "drift": drifts}, indent=2))
            return
        for broken in breaks:
            self.stdout.write(self.style.ERROR(f"{broken.reference} #{broken.seq}: {broken.what}"))
        for line in drifts:
            self.stdout.write(self.style.ERROR(line))
        self.stdout.write(f"{checked} cases verified, {len(breaks)} broken chains, {len(drifts)} drifts.")
