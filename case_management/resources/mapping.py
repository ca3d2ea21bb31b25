"""How the columns of a foreign file become ours: a TOML file, shipped in ``mappings/`` or written by an operator.

::

    name = "Complaints of the old desk"
    timezone = "Europe/Berlin"            # of moments without an offset; default: the site's TIME_ZONE
    dates = ["%d.%m.%Y %H:%M"]            # how moments are written when not as 2026-01-31T14:05:00+01:00
    create_missing = true                 # topics, units, sources … that are not there yet (default: false)
    unknown_columns = "refuse"            # a column that nothing is mapped to: "ignore" (default) or "refuse"
    all_or_nothing = true                 # one refused row refuses the file (default: false)

    [columns]                             # our column = theirs; without this table names must be ours
    external_id = "ticket_no"
    title = "subject"
    topic = ["group", "category"]         # several columns: a branch of the topic tree, or words with a space between

    [defaults]                            # what an empty cell stands for
    source = "Old desk"

    [values.status]                       # theirs = ours; * at an end stands for anything; the longest that fits counts
    "Done" = "resolved"
    "In *" = "in_progress"

Our columns are those of an export. ``title``, ``topic``, ``source`` and ``external_id`` must come from a column or a
default. A row that is resolved needs ``closure_reason`` and ``closure_note``. The status ``open`` means "open, however
far it is".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration

SHIPPED = Path(__file__).parent / "mappings"
KEYS = {
    "name": str, "timezone": str, "dates": list, "create_missing": bool, "unknown_columns": str,
    "all_or_nothing": bool, "columns": dict, "defaults": dict, "values": dict,
}  # fmt: skip


@dataclass(frozen=True)
class ValueTable:
    """Their values → ours."""

    exact: dict[str, str]
    patterns: list[tuple[str, str, str]]

    @classmethod
    def of(cls, table: MappingType[str, str]) -> Self:
        """Keys with a ``*`` at an end are patterns, the longest first: a stored mapping does not keep its order."""
        starred = sorted(
            (key for key in table if key.startswith("*") or key.endswith("*")), key=lambda key: (-len(key), key)
        )
        exact = {key: value for key, value in table.items() if key not in starred}
        return cls(exact, [(_kind(key), key.strip("*"), table[key]) for key in starred])

    def get(self, text: str) -> str:
        """Our value, or the text itself."""
        if text in self.exact:
            return self.exact[text]
        for kind, part, value in self.patterns:
            if _FITS[kind](text, part):
                return value
        return text


def _kind(key: str) -> str:
    return ("*" if key.startswith("*") else "") + "x" + ("*" if key.endswith("*") else "")


_FITS = {
    "x*": str.startswith,
    "*x": str.endswith,
    "*x*": str.__contains__,
}


@dataclass(frozen=True)
class Mapping:
    """A checked mapping; ``as_written`` is what is stored with an import."""

    as_written: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, written: MappingType[str, Any]) -> Self:
        """Check types and names of keys; InvalidConfiguration names the one at fault."""
        for key, value in written.items():
            if key not in KEYS:
                raise InvalidConfiguration(
                    _("The mapping has an unknown key “%(key)s”. Known: %(known)s.")
                    % {"key": key, "known": ", ".join(KEYS)}
                )
            if not isinstance(value, KEYS[key]):
                raise InvalidConfiguration(
                    _("“%(key)s” of the mapping must be of type %(type)s.") % {"key": key, "type": KEYS[key].__name__}
                )
        mapping = cls(dict(written))
        mapping.require_usable()
        return mapping

    def require_usable(self) -> None:
        """Raise InvalidConfiguration for a value that cannot be used."""
        if not self.zone or not all(isinstance(table, dict) for table in self.as_written.get("values", {}).values()):
            raise InvalidConfiguration(_("Write the values of a column as a table: [values.status] Done = “resolved”."))

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Our column → theirs; empty: the file has our names."""
        columns = self.as_written.get("columns", {})
        return {ours: tuple(theirs) if isinstance(theirs, list) else (str(theirs),) for ours, theirs in columns.items()}

    @cached_property
    def defaults(self) -> dict[str, str]:
        """Our column → what an empty cell stands for."""
        return {ours: str(value) for ours, value in self.as_written.get("defaults", {}).items()}

    @cached_property
    def tables(self) -> dict[str, ValueTable]:
        """Our column → table of values."""
        return {ours: ValueTable.of(table) for ours, table in self.as_written.get("values", {}).items()}

    @cached_property
    def zone(self) -> Any:
        """Time zone of moments without an offset."""
        name = self.as_written.get("timezone")
        if not name:
            return timezone.get_default_timezone()
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise InvalidConfiguration(
                _("“%s” is no time zone; write an IANA name such as Europe/Berlin.") % name
            ) from None

    @property
    def dates(self) -> list[str]:
        """Formats of moments beside ISO 8601."""
        return [str(format) for format in self.as_written.get("dates", [])]

    @property
    def creates_missing(self) -> bool:
        """Whether list entries that are not there are made."""
        return bool(self.as_written.get("create_missing", False))

    @property
    def refuses_unknown_columns(self) -> bool:
        """Whether a column that nothing is mapped to refuses the file."""
        return bool(self.as_written.get("unknown_columns", "ignore") == "refuse")

    @property
    def is_all_or_nothing(self) -> bool:
        """Whether one refused row refuses the file."""
        return bool(self.as_written.get("all_or_nothing", False))


def shipped_mappings() -> dict[str, str]:
    """Key → name of the mappings that come with the package."""
    return {path.stem: str(_parse(path.read_text()).get("name", path.stem)) for path in sorted(SHIPPED.glob("*.toml"))}


def load_mapping(name: str) -> Mapping:
    """A shipped mapping by its key, or a TOML file by its path; an empty name is the mapping of our own columns."""
    if not name:
        return Mapping()
    path = SHIPPED / f"{name}.toml" if name.isidentifier() else Path(name)
    try:
        return parse_mapping(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(shipped_mappings())
        raise InvalidConfiguration(
            _("There is no mapping “%(name)s”: give the path of a TOML file or one of: %(known)s.")
            % {"name": name, "known": known}
        ) from error


def parse_mapping(text: str) -> Mapping:
    """The mapping in a TOML text."""
    return Mapping.of(_parse(text))


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(_("The mapping is no valid TOML: %s.") % error) from error
