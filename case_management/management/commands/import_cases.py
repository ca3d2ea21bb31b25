"""``import_cases``: take a file of cases in; killed and started again it goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from case_management.exceptions import CaseManagementError
from case_management.resources.file_imports import importing_user, report, run_file
from case_management.resources.mapping import load_mapping, shipped_mappings


class Command(BaseCommand):
    """Exit code 3 when rows were refused, 1 when the file could not be read at all."""

    help = "Import cases from CSV, XLSX, JSON or JSON Lines; the same file a second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, how and in whose name."""
        parser.add_argument("file", metavar="FILE")
        known = ", ".join(shipped_mappings())
        parser.add_argument("--mapping", default="", metavar="M", help=f"A TOML file, or one of: {known}.")
        parser.add_argument("--dry-run", action="store_true", help="Check every row, write nothing.")
        parser.add_argument("--as", dest="user", default="", metavar="USER", help="Default: the first superuser.")
        parser.add_argument("--json", metavar="FILE", help="Write the report there; - is standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take in, then tell."""
        try:
            user = importing_user(options["user"])
            mapping = load_mapping(options["mapping"])
            batch = run_file(Path(options["file"]), user=user, mapping=mapping, check_only=options["dry_run"])
        except (CaseManagementError, OSError) as error:
            raise CommandError(str(error)) from error
        found = report(batch)
        self._print(found, options["json"])
        if found["refused"]:
            raise CommandError(f"{found['refused']} rows were refused.", returncode=3)

    def _print(self, found: dict[str, Any], place: str | None) -> None:
        text = json.dumps(found, indent=2, ensure_ascii=False)
        if place == "-":
            self.stdout.write(text)
            return
        if place:
            Path(place).write_text(text, encoding="utf-8")
        names = ("rows", "created", "updated", "unchanged", "refused")
        self.stdout.write(", ".join(f"{found[name]} {name}" for name in names) + ".")
        if found["not_read"]:
            self.stdout.write(f"Columns that were not read: {', '.join(found['not_read'])}.")
        for remark in found["remarks"][:20]:
            self.stdout.write(f"row {remark['row']}, {remark['column'] or '-'}: {remark['message']}")
        if len(found["remarks"]) > 20:
            self.stdout.write(f"… {len(found['remarks']) - 20} more; --json has them all.")
