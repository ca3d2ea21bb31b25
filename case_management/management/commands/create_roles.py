"""Create or update the groups of the package's roles and say what changed."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from case_management.access.roles import RoleReceipt, create_roles
from case_management.exceptions import CaseManagementError


class Command(BaseCommand):
    """``create_roles [--json]``: safe to run again; other apps' permissions in these groups stay."""

    help = "Create or update the groups of the five roles. Memberships then say who holds a role, and where."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option."""
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create, then tell."""
        try:
            receipts = create_roles()
        except CaseManagementError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(receipt) for receipt in receipts], indent=2))
            return
        for receipt in receipts:
            self.stdout.write(_as_line(receipt))
        self.stdout.write("\nGive people a role with a membership; only people marked “staff” enter Django's admin.")


def _as_line(receipt: RoleReceipt) -> str:
    changes = f"+{len(receipt.added)} -{len(receipt.removed)}" if receipt.added or receipt.removed else "unchanged"
    state = "created" if receipt.created else changes
    role = receipt.role
    return f"{role.name:<24} {len(role.labels()):>3} permissions  {state:<10} {role.description}"


def _as_json(receipt: RoleReceipt) -> dict[str, Any]:
    return {
        "role": receipt.role.name,
        "description": receipt.role.description,
        "permissions": receipt.role.labels(),
        "created": receipt.created,
        "added": receipt.added,
        "removed": receipt.removed,
    }
