"""Looks at the header of a file before any row: what is read, what is left out and why, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from case_management.exceptions import CaseManagementError
from case_management.resources.mapping import Mapping

#: What only the system sets; a file that names it is not believed, and told so.
PROTECTED = frozenset(
    {
        "id", "pk", "version", "chain_head", "hash", "created_at", "updated_at", "recorded_at", "urgent_at",
        "priority_rank", "sla_policy", "sla_calendar", "sla_terms", "sla_target", "sla_due_at", "sla_remaining",
    }
)  # fmt: skip
#: What our own list of refused rows adds; a mended file may still have it.
OURS = frozenset({"_row", "_error"})
REQUIRED = ("title", "topic", "source", "external_id")
#: Where one of the others does as well.
INSTEAD = {"external_id": "reference"}


class HeaderRefused(CaseManagementError):
    """The columns of the file cannot make cases; ``details["columns"]`` names those at fault."""

    code = "header_refused"


@dataclass(frozen=True)
class Header:
    """Our column → the file's columns, and what is left out of the file: (column, why)."""

    columns: dict[str, tuple[str, ...]]
    ignored: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """Our columns: whether a file may set each of them, and by which other heading an export calls it."""

    read: dict[str, bool]
    headings: dict[str, str] = field(default_factory=dict)

    def name(self, header: str) -> str:
        """Our column that a heading means, or the heading in our spelling."""
        spelled = normal(header)
        return self.headings.get(spelled, spelled)


def normal(heading: str) -> str:
    """A heading in our spelling."""
    return "_".join(heading.casefold().replace("-", " ").split())


def check_header(headers: Sequence[str], known: Known, mapping: Mapping) -> Header:
    """Match the file's ``headers`` with our columns. Raises HeaderRefused that names everything that is wrong."""
    _require_known(mapping, known)
    columns = _mapped(headers, mapping) if mapping.columns else _named_alike(headers, known)
    used = {name for theirs in columns.values() for name in theirs}
    left = [header for header in headers if header not in used and known.name(header) not in OURS]
    ignored = [(header, _why(known.name(header), known, mapping)) for header in left]
    _require(columns, ignored, mapping)
    return Header(columns, ignored)


def _require_known(mapping: Mapping, known: Known) -> None:
    named = [*mapping.columns, *mapping.defaults, *mapping.tables]
    if strange := [name for name in named if not known.read.get(name)]:
        raise HeaderRefused(
            _("The mapping names columns that no file sets: %(names)s. Known: %(known)s.")
            % {"names": ", ".join(strange), "known": ", ".join(name for name, read in known.read.items() if read)},
            columns=strange,
        )


def _mapped(headers: Sequence[str], mapping: Mapping) -> dict[str, tuple[str, ...]]:
    stripped = {header.strip(): header for header in headers}
    found = {}
    for ours, theirs in mapping.columns.items():
        present = tuple(stripped[name] for name in theirs if name in stripped)
        if present:
            found[ours] = present
    return found


def _named_alike(headers: Sequence[str], known: Known) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for header in headers:
        name = known.name(header)
        if name in found:
            raise HeaderRefused(
                _("The columns “%(one)s” and “%(other)s” mean the same. Keep one of them.")
                % {"one": found[name][0], "other": header},
                columns=[header],
            )
        if known.read.get(name):
            found[name] = (header,)
    return found


def _why(name: str, known: Known, mapping: Mapping) -> str:
    if name in PROTECTED:
        return _("Only the system sets this; it is not read from a file.")
    if mapping.columns:
        return _("The mapping does not name this column.")
    if known.read.get(name) is False:
        return _("This is worked out from the case's history; it is not read from a file.")
    close = get_close_matches(name, [ours for ours, is_read in known.read.items() if is_read], 1, 0.75)
    return _("This column means nothing here.") + (" " + _("Did you mean “%s”?") % close[0] if close else "")


def _require(read: dict[str, tuple[str, ...]], ignored: list[tuple[str, str]], mapping: Mapping) -> None:
    given = {*read, *mapping.defaults}
    missing = [name for name in REQUIRED if name not in given and INSTEAD.get(name) not in given]
    if missing:
        raise HeaderRefused(
            _("The file lacks: %(names)s. Add the columns, or a mapping that takes them from others or has defaults.")
            % {"names": ", ".join(missing)},
            columns=missing,
        )
    if ignored and mapping.refuses_unknown_columns:
        names = [name for name, _reason in ignored]
        raise HeaderRefused(
            _("The file has columns that are not read: %(names)s. Remove them, or let the mapping ignore them.")
            % {"names": ", ".join(names)},
            columns=names,
        )
