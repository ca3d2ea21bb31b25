"""``case_words``: are the words that search reads those of the cases? With ``--repair`` they are afterwards."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from case_management import conf
from case_management.models import Case
from case_management.timeline import texts


class Command(BaseCommand):
    """Compares chunk by chunk, each in its own transaction: stopped, it goes on with ``--from`` or starts anew."""

    help = "Compare the words that search reads with the cases; exit 1 if they differ, or write them with --repair."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--missing`` looks only at cases without words, which is quick: after an update, or to go on."""
        parser.add_argument("--repair", action="store_true", help="Write what is missing or different.")
        parser.add_argument("--missing", action="store_true", help="Look only at cases that have no words at all.")
        parser.add_argument("--from", type=int, default=0, dest="first", help="The first case's number (id).")
        parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, repair, and judge."""
        found = {"checked": 0, "different": 0, "repaired": 0, "last": options["first"] - 1}
        while ids := self._chunk(found["last"], missing=options["missing"]):
            different = [row.pk for row in texts.differing(Case.objects.filter(pk__in=ids))]
            found["checked"] += len(ids)
            found["different"] += len(different)
            found["repaired"] += texts.renew(different) if options["repair"] else 0
            found["last"] = ids[-1]
            if options["verbosity"] > 1:
                self.stderr.write(f"{found['checked']} compared, up to --from {ids[-1] + 1}")
        line = "{checked} cases compared, {different} differ, {repaired} repaired."
        self.stdout.write(json.dumps(found) if options["json"] else line.format(**found))
        if found["different"] > found["repaired"]:
            sys.exit(1)

    def _chunk(self, last: int, *, missing: bool) -> list[int]:
        cases = Case.objects.filter(pk__gt=last).order_by("pk")
        if missing:
            cases = cases.filter(words=None)
        return list(cases.values_list("pk", flat=True)[: conf.chunk_size()])
