"""What conditions and people call the entries that events name by number: keys, unit numbers, user names, branches."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model

from case_management.models import (
    CaseType,
    CloseChannel,
    ClosureReason,
    Priority,
    ReopenReason,
    ResolutionMethod,
    SlaPolicy,
    Tag,
    Team,
    Topic,
    Unit,
)

_KEYED: dict[str, Any] = {
    "topic_id": Topic,
    "case_type_id": CaseType,
    "priority_id": Priority,
    "team_id": Team,
    "closure_reason_id": ClosureReason,
    "resolution_method_id": ResolutionMethod,
    "close_channel_id": CloseChannel,
    "reopen_reason_id": ReopenReason,
    "sla_policy_id": SlaPolicy,
}


class Names:
    """Read at the first asking, one query each; keys are as they are called today."""

    def __init__(self) -> None:
        self._read: dict[str, dict[int, str]] = {}

    def of(self, attribute: str) -> dict[int, str]:
        """Primary key → name, for what this attribute of a case points to; empty where it points to nothing."""
        if attribute not in self._read:
            self._read[attribute] = self._look_up(attribute)
        return self._read[attribute]

    def _look_up(self, attribute: str) -> dict[int, str]:
        if attribute == "assignee_id":
            users = get_user_model()
            return dict(users._default_manager.values_list("pk", users.USERNAME_FIELD))
        if attribute == "unit_id":
            return dict(Unit.objects.values_list("pk", "number"))
        model = _KEYED.get(attribute)
        return dict(model._default_manager.values_list("pk", "key")) if model else {}

    @cached_property
    def tags(self) -> dict[int, str]:
        """Primary key of a tag → its key."""
        return dict(Tag.objects.values_list("pk", "key"))

    @cached_property
    def paths(self) -> dict[str, dict[int, str]]:
        """For each of the two trees: primary key → path."""
        return {
            "topic_id": dict(Topic.objects.values_list("pk", "path")),
            "unit_id": dict(Unit.objects.values_list("pk", "path")),
        }

    @cached_property
    def branches(self) -> dict[str, dict[int, tuple[str, ...]]]:
        """For each of the two trees: primary key → the names from the top down to the node itself."""
        found: dict[str, dict[int, tuple[str, ...]]] = {}
        for attribute, model in (("topic_id", Topic), ("unit_id", Unit)):
            paths, step = self.paths[attribute], model.steplen
            named = {paths[pk]: name for pk, name in self.of(attribute).items()}
            found[attribute] = {
                pk: tuple(named[path[:end]] for end in range(step, len(path) + 1, step)) for pk, path in paths.items()
            }
        return found

    def top(self, attribute: str, name: str) -> str | None:
        """The path of the node that a condition names."""
        pk = next((pk for pk, known in self.of(attribute).items() if known == name), None)
        return None if pk is None else self.paths[attribute][pk]

    def said(self, attribute: str, value: Any) -> Any:
        """A value as people and files read it."""
        if value is None or not attribute.endswith("_id"):
            return value
        return self.of(attribute).get(value, f"#{value}")
