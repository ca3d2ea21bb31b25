"""``backtest_rule``: what a rule would have done, had it been switched on; writes nothing to any case."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from case_management.exceptions import CaseManagementError
from case_management.trying.backtest import backtest, version_named
from case_management.trying.telling import cells, columns, head, in_lines, named


class Command(BaseCommand):
    """One version of a rule over the last days."""

    help = "Run a rule over the past and print what it would have done; nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        """The rule, how far back, and the form of the answer."""
        parser.add_argument("rule", help="Key of the rule, or key and version: unhappy-customer.v2.")
        parser.add_argument("--days", type=int, default=30, help="How many days back; default 30.")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="Counts and lines as JSON.")
        form.add_argument("--csv", action="store_true", help="One line per change as CSV.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look through the past and print."""
        rule, until = version_named(options["rule"]), timezone.now()
        if rule is None:
            raise CommandError(f"There is no rule {options['rule']}; give its key, or its key and version.")
        since = until - timedelta(days=max(options["days"], 1))
        try:
            result = backtest(rule, since, until)
        except CaseManagementError as error:
            raise CommandError(error.message) from error
        if options["csv"]:
            writer = csv.writer(self.stdout)
            writer.writerow(columns())
            writer.writerows(line for each in named(result.rows) for line in cells(each))
            return
        found = head(rule, since, until, result)
        lines = [line.as_json() for line in named(result.rows)] if options["json"] else []
        text = json.dumps({**found, "lines": lines}, indent=2, ensure_ascii=False)
        self.stdout.write(text if options["json"] else "\n".join(in_lines(found)))
