"""Small factories for tests; everything that changes a case goes through the operations."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from case_management.access.roles import create_roles
from case_management.domain.actor import Actor
from case_management.models import Case, Membership, Priority, Source, Topic, Unit
from case_management.operations import CaseDraft, open_case


def make_topic(key: str = "general") -> Topic:
    """The root topic with this key, created when missing."""
    found: Topic | None = Topic.objects.filter(key=key).first()
    return found or Topic.add_root(name=key.replace("-", " ").title(), key=key)


def make_case(**facts: Any) -> Case:
    """An open case; any field of :class:`CaseDraft` may be given, and ``by``.

    >>> make_case(title="Cold coffee").status  # doctest: +SKIP
    'new'
    """
    by = facts.pop("by", Actor.system("test"))
    defaults = {
        "title": "A case",
        "topic": facts.get("topic") or make_topic(),
        "source": facts.get("source") or Source.objects.get_or_create(key="survey", defaults={"name": "Survey"})[0],
        "priority": facts.get("priority")
        or Priority.objects.get_or_create(key="normal", defaults={"name": "Normal", "rank": 3})[0],
    }
    return open_case(CaseDraft(**{**defaults, **facts}), by=by)


def make_user(username: str, *, role: str = "", unit: Unit | None = None, **fields: Any) -> Any:
    """A user, with a role at a unit (or everywhere) when ``role`` names one.

    >>> make_user("robin", role="Field manager", unit=north)  # doctest: +SKIP
    """
    user = get_user_model()._default_manager.create(
        username=username, email=f"{username}@example.org", is_staff=True, **fields
    )
    if role:
        create_roles()
        Membership.objects.create(user=user, role=Group.objects.get(name=role), unit=unit)
    return user
