"""``export_cases``: write what a person may export to a file, or to standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from case_management.exceptions import CaseManagementError
from case_management.resources.catalogue import CASES
from case_management.resources.export_file import export_rows, write_export
from case_management.tabular import FORMATS


class Command(BaseCommand):
    """The rights of ``--as`` decide which rows there are."""

    help = "Export cases (or another table) with the rights of a user."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, what and where to."""
        parser.add_argument("--as", dest="user", required=True, metavar="USER", help="In whose name: a user name.")
        parser.add_argument("--format", default="csv", choices=sorted(FORMATS))
        parser.add_argument("--filter", default="", metavar="QUERY", help='As in the list: "status=open&source=web".')
        parser.add_argument("--resource", default=CASES, help="What to export; default: cases.")
        parser.add_argument("--output", required=True, metavar="FILE", help="Where to; - is standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        """The file appears whole or not at all."""
        users = get_user_model()._default_manager
        user = users.filter(**{get_user_model().USERNAME_FIELD: options["user"]}).first()
        if user is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        try:
            source = export_rows(user, options["resource"], options["filter"].lstrip("?"))
            count = _to_place(options["output"], lambda file: write_export(source, options["format"], file, _quiet))
        except CaseManagementError as error:
            raise CommandError(error.message) from error
        self.stderr.write(f"{count} rows written to {options['output']}.")


def _quiet(done: int, total: int) -> None:
    """Nobody watches."""


def _to_place(output: str, write: Any) -> int:
    if output == "-":
        return int(write(sys.stdout.buffer))
    part = Path(f"{output}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            count = int(write(file))
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return count
