"""``backtest_policy``: which promises a policy would have made, and how they would have been kept; writes nothing."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from case_management.exceptions import CaseManagementError
from case_management.models import SlaPolicy
from case_management.trying.over_policy import PolicyTrial
from case_management.trying.telling import head, in_lines, named, policy_cells, policy_columns
from case_management.trying.tried_policy import TriedPolicy


class Command(BaseCommand):
    """One policy over the cases of the last days."""

    help = "Run an SLA policy over the cases that were opened, as if it had been in force; nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        """The policy, how far back, and the form of the answer."""
        parser.add_argument("policy", help="Key of the policy, or its number; it may be switched off.")
        parser.add_argument("--days", type=int, default=30, help="How many days back; default 30.")
        parser.add_argument(
            "--format", choices=["text", "csv", "json"], default="text", help="Default: counts as text."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look through the past and print."""
        until = timezone.now()
        since = until - timedelta(days=max(options["days"], 1))
        try:
            tried = TriedPolicy.saved(self._policy(options["policy"]))
            found = PolicyTrial(tried, since, until).whole()
        except CaseManagementError as error:
            raise CommandError(error.message) from error
        if options["format"] == "csv":
            writer = csv.writer(self.stdout)
            writer.writerow(policy_columns())
            writer.writerows(cells for line in named(found.rows) for cells in policy_cells(line))
            return
        told, is_json = head(tried, since, until, found), options["format"] == "json"
        lines = [line.as_policy_json() for line in named(found.rows)] if is_json else []
        text = json.dumps({**told, "cases": lines}, indent=2, ensure_ascii=False)
        self.stdout.write(text if is_json else "\n".join(in_lines(told)))

    def _policy(self, name: str) -> SlaPolicy:
        """By key first: a key may be a number, too."""
        asked = Q(key=name) | (Q(pk=int(name)) if name.isdecimal() else Q())
        found = sorted(SlaPolicy.objects.filter(asked), key=lambda policy: policy.key != name)
        if not found:
            raise CommandError(f"There is no SLA policy {name}; give its key or its number.")
        return found[0]
