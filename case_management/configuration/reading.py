"""Reads a file of configuration: its form is checked before anything is compared with the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from case_management.configuration.exporting import FORMAT, FORMAT_VERSION
from case_management.configuration.kind import kinds
from case_management.exceptions import CaseManagementError

#: Larger files are not read.
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Problem:
    """What is wrong in one place of the file, and how to mend it; ``entry`` and ``field`` may be empty."""

    kind: str
    entry: str
    field: str
    message: str

    def __str__(self) -> str:
        place = " › ".join(part for part in (self.kind, self.entry, self.field) if part)
        return f"{place}: {self.message}" if place else self.message


class ConfigurationRefused(CaseManagementError):
    """Nothing was changed; ``problems`` says all that is wrong, place by place."""

    code = "configuration_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


def read_configuration(text: str | bytes) -> dict[str, list[dict[str, Any]]]:
    """Kind → entries. Raises ConfigurationRefused that names the line, the kind or the entry at fault."""
    found = _parsed(text)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _refused("", _("This is not a configuration: it has to begin with “format”: “%s”.") % FORMAT)
    if found.get("format_version") != FORMAT_VERSION:
        raise _refused("format_version", _("This release reads version %d.") % FORMAT_VERSION)
    lists = {name: value for name, value in found.items() if name not in ("format", "format_version")}
    problems = [problem for name, value in lists.items() for problem in _faults(name, value)]
    if problems:
        raise ConfigurationRefused(problems)
    return lists


def _parsed(text: str | bytes) -> Any:
    if len(text) > MOST_BYTES:
        raise _refused("", _("The file is larger than %d MB.") % (MOST_BYTES // 1024 // 1024))
    try:
        words = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(words, object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise _refused("", _("The file is not UTF-8; save it so.")) from error
    except json.JSONDecodeError as error:
        place = _("Line %(line)d, column %(column)d: this is not JSON (%(why)s).")
        raise _refused("", place % {"line": error.lineno, "column": error.colno, "why": error.msg}) from error
    except RecursionError as error:
        raise _refused("", _("The file is nested too deeply.")) from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise _refused(double, _("It stands twice in the same place; leave one out."))
    return found


def _faults(name: str, value: Any) -> list[Problem]:
    if name not in kinds:
        return [Problem(name, "", "", _("This list is not known. Known: %s.") % ", ".join(kinds))]
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return [Problem(name, "", "", _("Give a list of entries, each in braces."))]
    kind, seen, problems = kinds.get(name), set[tuple[str, ...]](), list[Problem]()
    for number, entry in enumerate(value, start=1):
        called = tuple(str(entry.get(part)) for part in kind.identity)
        if missing := [part for part in kind.identity if part not in entry]:
            problems.append(Problem(name, str(number), missing[0], _("Every entry needs it.")))
        elif called in seen:
            problems.append(Problem(name, " / ".join(called), "", _("It stands twice in the file.")))
        seen.add(called)
    return problems


def _refused(place: str, message: str) -> ConfigurationRefused:
    return ConfigurationRefused([Problem(place, "", "", message)])
