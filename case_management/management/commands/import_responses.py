"""Imports survey answers and other responses from a CSV, XLSX or JSON file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from case_management.exceptions import CaseManagementError
from case_management.intake.importing import Tally, Watcher, import_responses
from case_management.intake.mapping import load_mapping, mapping_names
from case_management.intake.row_reading import Fault


class Command(BaseCommand):
    """Every good row is stored once, however often the file is imported; bad rows are named and left out."""

    help = "Import responses from a file; rows that are stored already are left as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, how to read it and where to report."""
        parser.add_argument("file", help="CSV, TSV, XLSX, JSON or JSON Lines")
        names = ", ".join(mapping_names())
        parser.add_argument("--mapping", required=True, help=f"{names}, or the path of a .toml file")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write counts and faults there as JSON")
        parser.add_argument("--dry-run", action="store_true", help="only count; store nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, report, and end with 1 where a row failed."""
        watcher = Watcher(self._fault, self._progress)
        try:
            mapping = load_mapping(options["mapping"])
            tally = import_responses(options["file"], mapping, dry_run=options["dry_run"], watcher=watcher)
        except (CaseManagementError, OSError) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            report = {"file": options["file"], "source": mapping.source.key, "dry_run": options["dry_run"]}
            options["json"].write_text(json.dumps(report | asdict(tally), indent=2) + "\n", encoding="utf-8")
        self.stdout.write(("Nothing was stored (dry run). " if options["dry_run"] else "") + _counts(tally))
        if not tally.is_clean:
            raise CommandError(tally.broken or f"{_rows(tally.failed)} failed; the others are not affected.")

    def _fault(self, fault: Fault) -> None:
        place = f"row {fault.row}" + (f", column {fault.column}" if fault.column else "")
        self.stderr.write(f"{place}: {fault.message} {fault.mend}")

    def _progress(self, tally: Tally) -> None:
        self.stderr.write(f"{_rows(tally.rows)} read …", self.style.NOTICE)


def _counts(tally: Tally) -> str:
    return f"{_rows(tally.rows)}: {tally.new:,} new, {tally.known:,} known, {tally.failed:,} failed."


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
