"""``apply_configuration``: compare a file with what is set up, and make the lists say what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from case_management.configuration import ConfigurationRefused, apply_configuration, read_configuration
from case_management.exceptions import CaseManagementError


class Command(BaseCommand):
    """One transaction: all of the file, or nothing. Exit code 3 where the file cannot be applied."""

    help = "Apply a file of export_configuration; with --dry-run show the differences and change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, and in whose name."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Compare, change nothing.")
        parser.add_argument(
            "--as", dest="user", default="", metavar="USER",
            help="In whose name; whoever it is needs the rights, and approves the wording. Default: the operator.",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Differences as lines: + a new entry, ~ a changed one, ! what is wrong."""
        try:
            lists = read_configuration(Path(options["file"]).read_bytes())
            report = apply_configuration(lists, by=_user(options["user"]), dry_run=options["dry_run"])
        except ConfigurationRefused as error:
            raise CommandError("\n".join(f"! {problem}" for problem in error.problems), returncode=3) from error
        except (CaseManagementError, OSError) as error:
            raise CommandError(str(error)) from error
        for line in report.lines():
            self.stdout.write(line)
        if report.problems:
            raise CommandError("\n".join(f"! {problem}" for problem in report.problems), returncode=3)
        done = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{len(report.changes)} entries {done}, {report.same} are the same.")


def _user(name: str) -> Any:
    if not name:
        return None
    users = get_user_model()
    found = users._default_manager.filter(**{users.USERNAME_FIELD: name}).first()
    if found is None:
        raise CommandError(f"There is no user “{name}”.")
    return found
