"""``export_configuration``: write everything that is set up to one text file, by stable keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from case_management.configuration import as_text, export_configuration
from case_management.exceptions import CaseManagementError


class Command(BaseCommand):
    """The same configuration gives the same bytes, so the file can be kept under version control."""

    help = "Export taxonomies, calendars, SLA policies, rules, templates and settings as one reviewed text file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="Default: standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        """The operator exports everything."""
        try:
            text = as_text(export_configuration())
        except CaseManagementError as error:
            raise CommandError(error.message) from error
        if options["file"] == "-":
            self.stdout.write(text, ending="")
            return
        Path(options["file"]).write_text(text, encoding="utf-8")
        self.stderr.write(f"Written to {options['file']}.")
