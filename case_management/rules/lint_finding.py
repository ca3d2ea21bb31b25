"""What a look through the rules found: one thing that is probably wrong, why, and the mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from case_management.models import Rule
from case_management.rules.conditions.tree import Node


class Severity(StrEnum):
    """``error``: it does not do what it says. ``warning``: it may not do what was meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing. ``code`` never changes; ``rule`` is key and version (or key of a policy), ``where`` the part of it."""

    code: str
    severity: Severity
    rule: str
    name: str
    where: str
    why: str
    mend: str
    #: For a link to the version; None where it is no rule.
    rule_id: int | None = None

    def __str__(self) -> str:
        return f"{self.severity} {self.code} {self.rule} [{self.where}]: {self.why} {self.mend}"


@dataclass(frozen=True)
class Read:
    """A rule whose conditions could be read, restrictions included."""

    rule: Rule
    tree: Node

    def finding(self, code: str, where: str, why: str, mend: str, severity: Severity = Severity.WARNING) -> Finding:
        """About this rule."""
        return Finding(code, severity, self.rule.label, self.rule.name, where, why, mend, self.rule.pk)


def named(rules: Iterable[Any]) -> str:
    """“a”, “b”."""
    return ", ".join(f"“{rule}”" for rule in rules)
