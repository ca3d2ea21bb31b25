"""Applies a file of configuration in one transaction: all of it, or nothing and every reason why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from case_management.access.roles import holds_everywhere
from case_management.background import wake
from case_management.bulk.ranks import follow_ranks
from case_management.configuration.kind import Kind, kinds
from case_management.configuration.plain import Plain, named_in, plain_entry
from case_management.configuration.reading import ConfigurationRefused, Problem
from case_management.configuration.saving import EntryRefused, find, save_entry, save_order
from case_management.exceptions import InvalidConfiguration
from case_management.models import Rule
from case_management.rules.authoring import validate

#: Characters of a value on a terminal.
_LONGEST = 200


@dataclass(frozen=True)
class Change:
    """One entry that differs: ``added`` or changed, and each field with its value here and in the file."""

    kind: str
    entry: str
    added: bool
    fields: list[tuple[str, Any, Any]]

    def lines(self) -> list[str]:
        """For a terminal: + a new entry, ~ a changed one with what differs."""
        head = f"{'+' if self.added else '~'} {self.kind} {self.entry}".rstrip()
        if self.added:
            return [head]
        return [head, *(f"    {part}: {_short(before)} → {_short(after)}" for part, before, after in self.fields)]


@dataclass
class Report:
    """What a file changes; ``only_here`` are entries that it does not name, which stay as they are."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    only_here: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The changes, and = what is only here."""
        rest = [f"= only here: {kind} {called}" for kind, called in self.only_here]
        return [*(line for change in self.changes for line in change.lines()), *rest]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def apply_configuration(lists: Mapping[str, list[Plain]], *, by: Any = None, dry_run: bool = False) -> Report:
    """Make the lists say what the file says; ``by`` is the person whose rights hold, None for the operator.

    A dry run does the same and takes it back, and its report holds the problems. Otherwise ConfigurationRefused is
    raised where there is one, and nothing was changed.
    """
    report = Report()
    with transaction.atomic():
        for name, kind in kinds.items():
            if name in lists:
                _apply_kind(name, kind, lists[name], _Round(report, by))
        if not report.problems:
            report.problems += _broken_rules()
        if dry_run or report.problems:
            transaction.set_rollback(True)
        else:
            _follow(report, by)
    if report.problems and not dry_run:
        raise ConfigurationRefused(report.problems)
    return report


@dataclass(frozen=True)
class _Round:
    report: Report
    by: Any


def _apply_kind(name: str, kind: Kind, entries: list[Plain], now: _Round) -> None:
    """Entries may lean on each other (a default that moves, a parent that follows), so some need a second try."""
    before = {named_in(kind, plain) for plain in (plain_entry(kind, row) for row in kind.rows(kind.model))}
    left = entries
    while left:
        refused = [(entry, problems) for entry in left if (problems := _tried(name, kind, entry, now))]
        if len(refused) == len(left):
            now.report.problems += [problem for _entry, problems in refused for problem in problems]
            break
        left = [entry for entry, _problems in refused]
    if kind.is_tree and not now.report.problems and (moved := save_order(kind, entries)):
        now.report.changes.append(Change(name, "", added=False, fields=[("order", *moved)]))
    if kind.identity:
        only = sorted(map(_called, before - {named_in(kind, entry) for entry in entries}))
        now.report.only_here += [(name, called) for called in only]


def _tried(name: str, kind: Kind, entry: Plain, now: _Round) -> list[Problem]:
    called = _called(named_in(kind, entry))
    try:
        with transaction.atomic():
            change = _apply(name, kind, entry, now.by)
    except EntryRefused as error:
        return [Problem(name, called, part, message) for part, message in error.reasons]
    except ValidationError as error:
        return [Problem(name, called, part, message) for part, message in _reasons(error)]
    if change:
        now.report.changes.append(change)
    else:
        now.report.same += 1
    return []


def _apply(name: str, kind: Kind, entry: Plain, by: Any) -> Change | None:
    stored = find(kind, entry)
    before = plain_entry(kind, stored) if stored is not None else {}
    known = before or plain_entry_names(kind)
    if unknown := [part for part in entry if part not in known]:
        message = _("There is no such field. Known: %s.") % ", ".join(known)
        raise EntryRefused([(part, message) for part in unknown])
    changed = {part: value for part, value in entry.items() if stored is None or before[part] != value}
    if not changed and stored is not None:
        return None
    right = kind.right("add" if stored is None else "change")
    if by is not None and not holds_everywhere(by, right):
        raise EntryRefused([("", _("You lack the right “%s” for all units.") % right)])
    saved = save_entry(kind, stored, changed, by)
    after = plain_entry(kind, saved)
    fields = [(part, before.get(part), after[part]) for part in after if before.get(part) != after[part]]
    return Change(name, _called(named_in(kind, entry)), stored is None, fields) if fields else None


def plain_entry_names(kind: Kind) -> list[str]:
    """The names of all that an entry may say."""
    names = [part.name for part in kind.fields()]
    return [*names, *(["parent"] if kind.is_tree else []), *(part.relation for part in kind.parts)]


def _called(identity: tuple[Any, ...]) -> str:
    return " / ".join("–" if part is None else str(part) for part in identity)


def _reasons(error: ValidationError) -> list[tuple[str, str]]:
    if not hasattr(error, "error_dict"):
        return [("", " ".join(error.messages))]
    return [("" if part == "__all__" else part, " ".join(said)) for part, said in error.message_dict.items()]


def _broken_rules() -> list[Problem]:
    """Live rules that would not work any more, also those that the file does not name."""
    problems = []
    for rule in Rule.objects.filter(is_active=True):
        try:
            validate(rule.occasion, rule.conditions, rule.actions)
        except InvalidConfiguration as error:
            problems.append(Problem("rules", rule.key, "", error.message))
    return problems


def _follow(report: Report, by: Any) -> None:
    """What other doors do after such a change: open cases take over ranks, indexes of fields are built."""
    fields = {(change.kind, part) for change in report.changes for part, _before, _after in change.fields}
    if by is not None and ("priorities", "rank") in fields:
        transaction.on_commit(lambda: follow_ranks(by))
    if any(kind == "custom_fields" for kind, _part in fields):
        wake("transfers")
