"""Memberships: nobody gives a role, or a reach, that they do not have themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from case_management.access.roles import create_roles
from case_management.models import Membership, Team, Unit
from case_management.testing import make_user
from tests.ui.setup.doors import SCREEN, Door, client_of, errors_of, refused, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def units() -> tuple[Unit, Unit]:
    """North and South."""
    return Unit.add_root(number="1", name="North"), Unit.add_root(number="2", name="South")


@pytest.fixture
def newcomer() -> Any:
    """Somebody without a role."""
    create_roles()
    return get_user_model().objects.create_user("newcomer")


def role(name: str) -> Group:
    """The group of a role."""
    return Group.objects.get(name=name)


def entering(user: Any) -> Any:
    """A browser of somebody who may enter both admins."""
    user.user_permissions.add(*Permission.objects.filter(codename="access_admin"))
    return client_of(user)


class TestGivingRoles:
    """The way to more rights must not lead over this form."""

    def send(self, client: Any, door: Door, user: Any, name: str, unit: Unit | None) -> Any:
        data = {"user": user.pk, "role": role(name).pk, "unit": unit.pk if unit else "", "is_available": "on"}
        return client.post(door.url(SCREEN["membership"], "add"), data)

    def test_an_administrator_gives_every_role_everywhere(
        self, door: Door, units: tuple[Unit, Unit], newcomer: Any
    ) -> None:
        boss = entering(make_user("boss", role="System administrator"))
        response = self.send(boss, door, newcomer, "System administrator", None)
        assert response.status_code == 302, errors_of(response)
        assert newcomer.groups.filter(name="System administrator").exists()

    def test_an_administrator_of_a_branch_gives_roles_in_the_branch_only(
        self, door: Door, units: tuple[Unit, Unit], newcomer: Any
    ) -> None:
        north, south = units
        below = Unit.objects.get(pk=north.pk).add_child(number="11", name="Harbour")
        boss = entering(make_user("boss", role="System administrator", unit=north))
        assert refused(self.send(boss, door, newcomer, "Sales agent", south), "unit")
        assert refused(self.send(boss, door, newcomer, "Sales agent", None), "unit")
        assert self.send(boss, door, newcomer, "Sales agent", below).status_code == 302
        everywhere = Membership.objects.create(user=newcomer, role=role("Field manager"), unit=None)
        shown = rows_of(boss.get(door.url(SCREEN["membership"], "list")))
        assert everywhere not in shown
        assert boss.get(door.url(SCREEN["membership"], "change", everywhere.pk)).status_code in (302, 404)

    def test_nobody_gives_permissions_that_they_lack(self, door: Door, newcomer: Any) -> None:
        powerful = Group.objects.create(name="Everything")
        powerful.permissions.set(Permission.objects.all())
        limited = Group.objects.create(name="Personnel")
        limited.permissions.set(
            Permission.objects.filter(codename__in=("add_membership", "view_membership", "view_case"))
        )
        clerk = make_user("clerk")
        Membership.objects.create(user=clerk, role=limited, unit=None)
        client = entering(clerk)
        assert refused(self.send(client, door, newcomer, "Everything", None), "role")
        assert refused(self.send(client, door, newcomer, "System administrator", None), "role")
        assert self.send(client, door, newcomer, "Personnel", None).status_code == 302

    def test_who_and_which_role_are_fixed_once_saved(
        self, admin: Any, door: Door, units: tuple[Unit, Unit], newcomer: Any
    ) -> None:
        held = Membership.objects.create(user=newcomer, role=role("Sales agent"), unit=units[0])
        data = {"user": get_user_model().objects.get(username="boss").pk, "role": role("Case manager").pk}
        url = door.url(SCREEN["membership"], "change", held.pk)
        assert admin.post(url, {**data, "unit": units[1].pk}).status_code == 302
        held.refresh_from_db()
        assert (held.user, held.role.name, held.unit) == (newcomer, "Sales agent", units[1])

    def test_the_same_membership_twice_is_a_message_and_no_crash(self, admin: Any, door: Door, newcomer: Any) -> None:
        assert self.send(admin, door, newcomer, "Sales agent", None).status_code == 302
        response = self.send(admin, door, newcomer, "Sales agent", None)
        assert response.status_code == 200
        assert errors_of(response)

    def test_ending_a_membership_leaves_the_group(self, admin: Any, door: Door, newcomer: Any) -> None:
        held = Membership.objects.create(user=newcomer, role=role("Sales agent"), unit=None)
        assert admin.post(door.url(SCREEN["membership"], "delete", held.pk), {"post": "yes"}).status_code == 302
        assert not newcomer.groups.exists()


def test_a_member_who_left_the_company_does_not_block_the_team(admin: Any, door: Door, newcomer: Any) -> None:
    team = Team.objects.create(name="Desk")
    newcomer.is_active = False
    newcomer.save()
    team.members.add(newcomer)
    data = {"name": "Front desk", "members": [newcomer.pk], "position": 0, "is_active": "on"}
    response = admin.post(door.url(SCREEN["team"], "change", team.pk), data)
    assert response.status_code == 302, errors_of(response)
    assert list(team.members.all()) == [newcomer]
