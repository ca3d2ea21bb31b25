"""The demo's staff: every role, everywhere or in a branch, with passwords that follow from the seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from case_management.access.roles import create_roles
from case_management.models import Membership, SavedView, Team, Unit, ViewChoice

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Person:
    """A log-in of the demo."""

    username: str
    password: str
    role: str
    unit: str
    user: Any


#: (user name, role, number of the unit; "" is everywhere)
STAFF = (
    ("sam.admin", "System administrator", ""),
    ("morgan.manager", "Case manager", ""),
    ("robin.north", "Field manager", "MF-N"),
    ("jules.east", "Field manager", "MF-E"),
    ("kim.south", "Field manager", "MF-S"),
    ("alex.west", "Field manager", "MF-W"),
    ("casey.agent", "Customer service agent", ""),
    ("jamie.agent", "Customer service agent", ""),
    ("taylor.agent", "Customer service agent", ""),
    ("riley.agent", "Customer service agent", ""),
    ("avery.agent", "Customer service agent", "MF-N"),
    ("quinn.agent", "Customer service agent", "MF-S"),
    ("drew.sales", "Sales agent", ""),
)

#: Name and query of the view that each team shares.
VIEWS = (
    ("Members first", "status=open&custom_loyalty-tier=platinum&custom_loyalty-tier=gold"),
    ("Past due, billing", "status=overdue&type=billing"),
    ("Escalated", "status=open&escalated=yes"),
)


def hire(rng: random.Random) -> list[Person]:
    """Create the superuser and everybody of STAFF with roles, memberships and teams."""
    create_roles()
    people = [_hire_one("admin", "Superuser", "", rng)]
    people += [_hire_one(*row, rng) for row in STAFF]
    agents = [person.user for person in people if person.role == "Customer service agent"]
    for place, team in enumerate(Team.objects.order_by("position")):
        team.members.set(agents[place::3] or agents)
    boss = next(person.user for person in people if person.role == "Case manager")
    _keep_views(boss, [person.user for person in people])
    return people


def _keep_views(boss: Any, everybody: list[Any]) -> None:
    """Views of the manager, shared with the teams; everybody of the first team has the first one in the menu."""
    for position, (team, (name, query)) in enumerate(zip(Team.objects.order_by("position"), VIEWS, strict=True)):
        team.members.add(boss)
        view = SavedView.objects.create(name=name, owner=boss, team=team, query=query, position=position)
        if position == 0:
            members = set(team.members.values_list("pk", flat=True))
            ViewChoice.objects.bulk_create(
                ViewChoice(user=user, view=view, is_pinned=True) for user in everybody if user.pk in members
            )


def _hire_one(username: str, role: str, unit: str, rng: random.Random) -> Person:
    password = "-".join("".join(rng.choice(LETTERS) for _ in range(4)) for _ in range(3))
    first, _, last = username.partition(".")
    user = get_user_model()._default_manager.create(
        username=username,
        first_name=first.title(),
        last_name=last.title(),
        email=f"{username}@example.org",
        password=make_password(password),
        is_staff=True,
        is_superuser=role == "Superuser",
    )
    if role != "Superuser":
        where = Unit.objects.get(number=unit) if unit else None
        Membership.objects.create(user=user, role=Group.objects.get(name=role), unit=where)
    return Person(username, password, role, unit, user)


def api_token(person: Person) -> str:
    """A REST token for the person, or an empty string where the host has no tokens."""
    if not apps.is_installed("rest_framework.authtoken"):
        return ""
    token, _ = apps.get_model("authtoken", "Token").objects.get_or_create(user=person.user)
    return str(token.key)
