"""Writes what is set up as a file that people read and compare: sorted, one fact a line, nothing of the database."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from case_management.access.roles import holds_everywhere
from case_management.configuration.kind import Kind, kinds
from case_management.configuration.plain import Plain, named_in, plain_entry
from case_management.exceptions import InvalidConfiguration

FORMAT = "case_management configuration"
FORMAT_VERSION = 1


def export_configuration(user: Any = None) -> dict[str, Any]:
    """Everything that can be carried over; of ``user`` (None: the operator) what they may see of all units."""
    found: dict[str, Any] = {"format": FORMAT, "format_version": FORMAT_VERSION}
    for name, kind in kinds.items():
        if user is None or holds_everywhere(user, kind.right("view")):
            found[name] = entries_of(name, kind)
    return found


def entries_of(name: str, kind: Kind) -> list[Plain]:
    """The entries of one kind: trees from the top down, others by what they are called.

    Raises InvalidConfiguration where two entries cannot be told apart.
    """
    rows = kind.rows(kind.model)
    entries = [plain_entry(kind, row) for row in (rows.order_by("path") if kind.is_tree else rows)]
    seen: set[tuple[Any, ...]] = set()
    for entry in entries if kind.identity else ():
        if named_in(kind, entry) in seen:
            raise InvalidConfiguration(_("Two entries of “%(list)s” are called “%(name)s”; give one another name.") % {
                "list": name, "name": " / ".join(map(str, named_in(kind, entry))),
            })  # fmt: skip
        seen.add(named_in(kind, entry))
    return entries if kind.is_tree else sorted(entries, key=lambda entry: list(map(str, named_in(kind, entry))))


def as_text(configuration: dict[str, Any]) -> str:
    """JSON as it is kept under version control: indented, letters as they are, a line feed at the end."""
    return json.dumps(configuration, indent=2, ensure_ascii=False) + "\n"
