"""For whom a rule is: its units, teams and people, as conditions that stand before its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration

KINDS = ("units", "teams", "users")


def whole_conditions(conditions: Any, scope: Any) -> Any:
    """The conditions of a rule together with what it is restricted to."""
    parts = _scope_parts(scope)
    if not parts:
        return conditions
    return {"all": [*parts, *([conditions] if conditions else [])]}


def _scope_parts(scope: Any) -> list[dict[str, Any]]:
    if not scope:
        return []
    if not isinstance(scope, Mapping) or set(scope) - set(KINDS) or not all(map(_is_words, scope.values())):
        raise InvalidConfiguration(_("A restriction has lists under “units”, “teams” or “users”."))
    parts = []
    if units := scope.get("units"):
        below = [{"field": "unit", "op": "under", "value": number} for number in units]
        parts.append(below[0] if len(below) == 1 else {"any": below})
    if teams := scope.get("teams"):
        parts.append({"field": "team", "op": "in", "value": list(teams)})
    if users := scope.get("users"):
        parts.append({"field": "assignee", "op": "in", "value": list(users)})
    return parts


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
