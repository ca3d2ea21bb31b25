"""The roles are data: every permission exists, the command is safe to repeat, and rights on rows follow memberships."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from case_management.access import may, visible_to
from case_management.access.roles import (
    APP,
    ROLES,
    WAGTAIL_DOOR,
    create_roles,
    grantable_roles,
    holds_everywhere,
    roles_table,
)  # fmt: skip
from case_management.domain.transitions import TABLE
from case_management.models import Case, Membership, Unit
from case_management.testing import make_case, make_user

ROLE = {role.name: role for role in ROLES}


def group_labels(name: str) -> set[str]:
    """The permissions of a group, with their app."""
    held = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in held}


def test_there_are_five_roles_each_with_a_description() -> None:
    assert list(ROLE) == [
        "System administrator", "Case manager", "Customer service agent", "Field manager", "Sales agent",
    ]  # fmt: skip
    assert all(role.description.endswith(".") for role in ROLES)


def test_the_administrator_holds_every_right_on_cases_but_deleting_them() -> None:
    own = {codename for codename, _ in Case._meta.permissions} | {"view_case", "add_case", "change_case"}
    assert own <= set(ROLE["System administrator"].permissions)
    assert not any("delete_case" in role.permissions for role in ROLES)


def test_every_step_of_the_table_is_in_the_reach_of_the_case_manager() -> None:
    assert {step.permission for step in TABLE.values()} <= set(ROLE["Case manager"].permissions)


def test_the_roles_narrow_from_top_to_bottom() -> None:
    administrator, manager, agent, field, sales = (set(role.permissions) for role in ROLES)
    assert sales < field < administrator
    assert field - {"oversee_case"} < agent < manager, "who leads oversees; agents work"
    assert {"view_case", "note_case"} <= sales
    assert not sales & {"resolve_case", "assign_case", "change_case", "add_case", "close_case"}
    for role in (manager, agent, field, sales):
        assert not any(codename.endswith("_membership") and not codename.startswith("view") for codename in role)


def test_the_table_says_who_holds_what() -> None:
    heading, *rows = roles_table()
    assert heading[1:] == list(ROLE)
    cells = {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in rows}
    assert cells[f"{APP}.resolve_case"]["Field manager"]
    assert not cells[f"{APP}.resolve_case"]["Sales agent"]
    assert sum(bool(cell) for row in cells.values() for cell in row.values()) == sum(len(r.labels()) for r in ROLES)


@pytest.mark.django_db
class TestCreateRoles:
    """``create_roles`` makes the groups what the data says, and leaves other apps alone."""

    def run(self, *args: str) -> str:
        out = StringIO()
        call_command("create_roles", *args, stdout=out)
        return out.getvalue()

    def test_each_group_holds_exactly_its_permissions(self) -> None:
        self.run()
        for role in ROLES:
            assert group_labels(role.name) == set(role.labels())
            assert (WAGTAIL_DOOR in role.labels()) is apps.is_installed("wagtail.admin")

    def test_running_it_again_changes_nothing(self) -> None:
        self.run()
        before = {role.name: group_labels(role.name) for role in ROLES}
        assert "unchanged" in self.run()
        assert all(
            not row["added"] and not row["removed"] and not row["created"] for row in json.loads(self.run("--json"))
        )
        assert before == {role.name: group_labels(role.name) for role in ROLES}
        assert Group.objects.filter(name__in=ROLE).count() == 5

    def test_it_mends_what_was_changed_and_keeps_what_belongs_to_others(self) -> None:
        self.run()
        group = Group.objects.get(name="Sales agent")
        group.permissions.remove(Permission.objects.get(codename="note_case"))
        group.permissions.add(Permission.objects.get(codename="resolve_case"))
        group.permissions.add(Permission.objects.get(codename="change_user", content_type__app_label="auth"))
        report = {row["role"]: row for row in json.loads(self.run("--json"))}["Sales agent"]
        assert report["added"] == [f"{APP}.note_case"]
        assert report["removed"] == [f"{APP}.resolve_case"]
        assert group_labels("Sales agent") == {*ROLE["Sales agent"].labels(), "auth.change_user"}

    def test_the_table_names_each_role_and_the_json_its_permissions(self) -> None:
        said = self.run()
        assert all(role.name in said and role.description in said for role in ROLES)
        assert [row["permissions"] for row in json.loads(self.run("--json"))] == [role.labels() for role in ROLES]

    def test_missing_permissions_are_named_with_the_mend(self) -> None:
        Permission.objects.filter(codename="note_case").delete()
        with pytest.raises(CommandError, match=r"note_case.*migrate"):
            self.run()
        assert not Group.objects.filter(name__in=ROLE).exists(), "all or nothing"


@pytest.mark.django_db
class TestWhatRolesReach:
    """A role holds where its membership says, and nowhere else."""

    def test_a_field_manager_sees_and_settles_the_branch_only(self) -> None:
        north, south = Unit.add_root(number="1", name="North"), Unit.add_root(number="2", name="South")
        below = Unit.objects.get(pk=north.pk).add_child(number="11", name="Harbour")
        mine, elsewhere = make_case(unit=below), make_case(unit=south)
        manager = make_user("manager", role="Field manager", unit=north)
        assert list(visible_to(manager)) == [mine]
        assert may(manager, "resolve_case", mine)
        assert not may(manager, "resolve_case", elsewhere)
        assert not may(manager, "close_case", mine)

    def test_the_group_alone_reaches_no_case(self) -> None:
        case = make_case()
        create_roles()
        user = get_user_model().objects.create_user("member")
        user.groups.add(Group.objects.get(name="Case manager"))
        assert user.has_perm(f"{APP}.view_case"), "menus open"
        assert not may(user, "view_case", case), "rows do not"

    @pytest.fixture
    def administrator(self) -> Any:
        """An administrator of everything."""
        return make_user("administrator", role="System administrator")

    def test_only_groups_with_rights_on_cases_are_roles(self, administrator: Any) -> None:
        Group.objects.create(name="Choir")
        assert set(grantable_roles(administrator).values_list("name", flat=True)) == set(ROLE)

    def test_a_group_that_holds_more_is_not_given_by_those_who_hold_less(self, administrator: Any) -> None:
        group = Group.objects.get(name="Sales agent")
        group.permissions.add(Permission.objects.get(codename="change_user", content_type__app_label="auth"))
        assert "Sales agent" not in grantable_roles(administrator).values_list("name", flat=True)
        superuser = get_user_model().objects.create_superuser("root")
        assert "Sales agent" in grantable_roles(superuser).values_list("name", flat=True)

    def test_everywhere_is_said_by_a_membership_without_a_unit(self, administrator: Any) -> None:
        assert holds_everywhere(administrator, "add_membership")
        Membership.objects.filter(user=administrator).update(unit=Unit.add_root(number="1", name="North"))
        assert not holds_everywhere(administrator, "add_membership")
