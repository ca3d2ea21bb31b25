"""``explain_case``: what the rules answered about a case, and who was told of it and who was not."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from case_management.domain.reference import tidy_reference
from case_management.models import Case
from case_management.notifications.told import letters_of
from case_management.rules.explaining import OccasionTold, Reader, askings_of


class Command(BaseCommand):
    """Of the latest occasions each rule that was worth asking, and each letter that was owed."""

    help = "Print why rules acted on a case, or did not, and who was told of it; all of it, whoever may see it."

    def add_arguments(self, parser: CommandParser) -> None:
        """The case, and ``--json`` for machines."""
        parser.add_argument("reference", help="Reference of the case, such as ABC-DEF2.")
        parser.add_argument("--json", action="store_true", help="Print it as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read what was kept and print it."""
        case = Case.objects.filter(reference=tidy_reference(options["reference"])).first()
        if case is None:
            raise CommandError(f"There is no case {options['reference']}; give the reference as the page shows it.")
        occasions, _more = askings_of(case, Reader(Case.objects.all()))
        letters, _more = letters_of(case, Case.objects.all())
        if options["json"]:
            found = {"rules": [one.as_json() for one in occasions], "mail": [one.as_json() for one in letters]}
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
            return
        for occasion in occasions:
            self._print(occasion)
        for letter in letters:
            why = f" ({letter.why_not})" if letter.why_not else ""
            self.stdout.write(f"{letter.at:%Y-%m-%d %H:%M:%S}  {letter.to}: {letter.kind} – {letter.state_code}{why}")

    def _print(self, occasion: OccasionTold) -> None:
        self.stdout.write(f"{occasion.at:%Y-%m-%d %H:%M:%S}  {occasion.says}")
        if occasion.too_deep:
            self.stdout.write("  no rule was asked: they had set each other off too often")
        for rule in occasion.rules:
            self.stdout.write(f"  {rule.outcome:8} {rule.name} {rule.because}".rstrip())
            for held, words in rule.conditions.lines() if rule.conditions else ():
                self.stdout.write(f"    {'true ' if held else 'false'}  {words}")
        if occasion.left_out:
            self.stdout.write(f"  {occasion.left_out} more were not worth asking")
