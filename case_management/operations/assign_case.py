"""Assign: one person becomes responsible for an open case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.domain.events import CaseAssigned, Event
from case_management.exceptions import NotAssignable, NothingToChange
from case_management.models import Case
from case_management.models.among import among
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each


def assign_case(case: Case, *, to: Any, by: Actor, strategy: str | None = None) -> Case:
    """Make the user ``to`` responsible. Raises NotAssignable when they are inactive or may not see the case."""
    return apply("assign", case, lambda ids: decide_assignees({case.pk: to.pk}, {to.pk: to}, strategy), by=by)


def assign_cases(
    assignees: Mapping[int, int], *, by: Actor, strategy: str | None = None, check_only: bool = False
) -> Outcome:
    """Assign many cases at once: case id → user id. ``check_only`` tells what would be refused, here as everywhere."""
    users = get_user_model()._default_manager.in_bulk(set(assignees.values()))

    def plan(ids: list[int]) -> Decide:
        return decide_assignees(assignees, users, strategy)

    return apply_to_each("assign", list(assignees), plan, by=by, check_only=check_only)


def decide_assignees(assignees: Mapping[int, int], users: Mapping[int, Any], strategy: str | None) -> Decide:
    """Case id → user id as events; one query per distinct assignee tells which of the cases they may see."""
    wanted: dict[int, list[int]] = {}
    for case_id, user_id in assignees.items():
        wanted.setdefault(user_id, []).append(case_id)
    seen = {
        user_id: set(visible_to(users[user_id]).filter(pk__in=among(Case, ids)).values_list("pk", flat=True))
        for user_id, ids in wanted.items()
        if user_id in users
    }

    def decide(case: Case) -> list[Event]:
        user_id = assignees[case.pk]
        if case.pk not in seen.get(user_id, ()):
            raise NotAssignable(_refusal(users.get(user_id)), fields=["assignee"])
        if case.assignee_id == user_id:
            raise NothingToChange(_("The case is already assigned to this person."))
        return [CaseAssigned(to=user_id, previous=case.assignee_id, strategy=strategy)]

    return decide


def _refusal(user: Any) -> str:
    who = user.get_username() if user else "?"
    return _("%s is inactive or may not see this case; choose somebody with a role in its unit or team.") % who
