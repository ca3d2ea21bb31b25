"""``sla_statement``: how the clocks of a case add up, line by line; exit code 1 if they do not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.sla.account import Account, account_of
from case_management.sla.lines import Line
from case_management.sla.statement_words import KINDS, exactly, mark, of_clock, outcome, reason


class Command(BaseCommand):
    """Counted, paused and closed stretches of the business clocks, their marks, and the customer's waiting time."""

    help = "Print every stretch of a case's clocks with its reason; exit 1 if they differ from the recorded clock."

    def add_arguments(self, parser: CommandParser) -> None:
        """The case, and ``--json`` for machines."""
        parser.add_argument("reference", help="Reference of the case, such as ABC-DEF2.")
        parser.add_argument("--json", action="store_true", help="Print the statement as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Derive it from the events and print it."""
        case = Case.objects.select_related("unit").filter(reference=tidy_reference(options["reference"])).first()
        if case is None:
            raise CommandError(f"There is no case {options['reference']}; give the reference as the page shows it.")
        account = account_of(case)
        if options["json"]:
            self.stdout.write(json.dumps(account.as_json(), indent=2, ensure_ascii=False))
        else:
            self._print(account)
        if not account.agrees:
            sys.exit(1)

    def _print(self, account: Account) -> None:
        for run in (*account.statement.runs, *account.statement.replies.runs.values()):
            zone = run.hours.zone if run.hours else account.zone
            self.stdout.write(f"{of_clock(run.metric, run.number)}: {account.policy_of(run)[0] or '-'} ({zone})")
            self._table(run.lines, zone)
            self.stdout.write(self.style.SUCCESS(outcome(run)) if run.left >= 0 else self.style.ERROR(outcome(run)))
        for each in account.statement.replies.marks:
            moment = f"{each.at.astimezone(ZoneInfo(account.zone)):%a %Y-%m-%d %H:%M:%S}"
            said = f"{of_clock(each.metric, each.number)}, {mark(each.kind, each.value)}"
            self.stdout.write(f"  {moment}  {said}{'' if each.event else ' (to come)'}")
        self._table(account.statement.waiting, account.zone)
        self.stdout.write(f"Customer: {exactly(account.statement.waited)}")

    def _table(self, lines: Iterable[Line], zone: str) -> None:
        for line in lines:
            start, end = (f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S}" for at in (line.start, line.end))
            said = f"{KINDS[line.kind]}, {reason(line)}"
            self.stdout.write(f"  {start}  {end}  {exactly(line.seconds):>18}  {said}")
