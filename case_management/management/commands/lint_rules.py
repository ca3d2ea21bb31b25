"""``lint_rules``: say what is probably wrong with the rules, SLA policies and macros that act."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from case_management.rules.lint import Severity, lint_rules


class Command(BaseCommand):
    """One line a finding; the exit code is 1 where one is an error, so that a pipeline can stop."""

    help = "Find rules that are never reached, go in circles, mail nobody or name what is switched off."

    def add_arguments(self, parser: CommandParser) -> None:
        """As text or for programs."""
        parser.add_argument("--json", action="store_true", help="A list of objects instead of lines.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything that acts."""
        found = lint_rules()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(map(str, found)) or "Nothing found.")
        if any(one.severity is Severity.ERROR for one in found):
            raise SystemExit(1)
