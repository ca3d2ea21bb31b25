"""Rows' rights against a plain second reading of them, over random organisations."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from case_management import models, operations
from case_management.access import Coverage, MembershipAuthority, holders_for, may, rights_on, visible_to, visible_units
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_topic

RIGHTS = ("view_case", "resolve_case", "oversee_case")
SYSTEM = Actor.system("test")


def covers(membership: Any, unit: Any) -> bool:
    """Held everywhere, at the unit, or above it."""
    while unit is not None and membership.unit is not None and unit != membership.unit:
        unit = unit.get_parent()
    return membership.unit is None or unit == membership.unit


def held(world: Any, user: Any, right: str) -> list[Any]:
    return [m for m in world.memberships if m.user == user and right in world.rights_of[m.role_id]]


def oracle(world: Any, user: Any, right: str, case: Any) -> bool:
    """Who may: superusers; by a role at or above the unit; by a role anywhere on what is theirs or their team's."""
    if not user.is_active:
        return False
    mine = case.assignee_id == user.pk or (case.team and user in world.members[case.team_id])
    roles = held(world, user, right)
    return user.is_superuser or bool(roles and mine) or any(covers(m, case.unit) for m in roles)


def organisation(seed: int) -> Any:
    """Units three or four deep, people with up to three roles here and there, teams, and cases of all sorts."""
    dice = random.Random(seed)
    units = [models.Unit.add_root(number=f"{seed}", name="Top")]
    for n in range(7):
        parent = models.Unit.objects.get(pk=dice.choice(units).pk)
        units.append(parent.add_child(number=f"{seed}.{n}", name=f"U{n}"))
    units = list(models.Unit.objects.filter(pk__in=[unit.pk for unit in units]))
    roles, rights_of = [], {}
    for n in range(3):
        role = Group.objects.create(name=f"role {seed} {n}")
        given_rights = dice.sample(RIGHTS, dice.randint(0, 3))
        role.permissions.set(Permission.objects.filter(codename__in=given_rights))
        roles.append(role)
        rights_of[role.pk] = set(given_rights)
    people = [
        get_user_model().objects.create(username=f"u{seed}.{n}", is_active=n != 4, is_superuser=n == 5)
        for n in range(6)
    ]
    memberships = {}
    for _ in range(7):
        spot = dice.choice(people), dice.choice(roles), dice.choice([None, *units])
        if spot not in memberships:
            memberships[spot] = models.Membership.objects.create(
                user=spot[0], role=spot[1], unit=spot[2], is_available=dice.random() < 0.7
            )
    teams = [models.Team.objects.create(name=f"team {seed} {n}") for n in range(2)]
    members = {team.pk: dice.sample(people, dice.randint(0, 3)) for team in teams}
    for team in teams:
        team.members.set(members[team.pk])
    world = SimpleNamespace(
        units=units, people=people, memberships=list(memberships.values()), members=members, rights_of=rights_of
    )
    world.cases = [_case(world, dice, teams) for _ in range(10)]
    return world


def _case(world: Any, dice: random.Random, teams: list[Any]) -> Any:
    case = make_case(
        topic=make_topic(), unit=dice.choice([None, *world.units]), team=dice.choice([None, None, *teams]), by=SYSTEM
    )
    able = [user for user in world.people if oracle(world, user, "view_case", case)]
    if able and dice.random() < 0.5:
        person = dice.choice(able)
        operations.assign_case(case, to=person, by=SYSTEM)
        if dice.random() < 0.5:
            _send_elsewhere(world, person)  # what was assigned stays theirs to see, by whatever role is left
    return case


def _send_elsewhere(world: Any, person: Any) -> None:
    """One role of the person now holds at the top unit of the tree alone, or is gone where they have it there."""
    mine = [m for m in world.memberships if m.user == person]
    if not mine:
        return
    taken = any(m.role_id == mine[0].role_id and m.unit == world.units[0] for m in mine)
    if taken:
        world.memberships.remove(mine[0])
        mine[0].delete()
    else:
        mine[0].unit = world.units[0]
        mine[0].save()


@pytest.mark.django_db
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 10**9))
def test_every_question_about_rights_has_the_answer_of_a_plain_reading(transaction_per_example, seed):
    with transaction_per_example():
        world = organisation(seed)
        ids = [case.pk for case in world.cases]
        for right in RIGHTS:
            for user in world.people:
                expected = {case.pk for case in world.cases if oracle(world, user, right, case)}
                _everybody_agrees(user, right, world.cases, expected)
                _units_agree(world, user, right)
            for case in world.cases:
                _coverage_agrees(world, right, case)
            assert MembershipAuthority().allowed_among(world.people[5], right, ids) == set(ids)


def _everybody_agrees(user: Any, right: str, cases: list[Any], expected: set[int]) -> None:
    ids = [case.pk for case in cases]
    assert set(visible_to(user, right).values_list("pk", flat=True)) & set(ids) == expected
    assert visible_to(user, right).filter(pk__in=ids).count() == len(expected), "a case is listed twice"
    assert MembershipAuthority().allowed_among(user, right, ids) == expected
    for case in cases:
        assert may(user, right, case) == (case.pk in expected)
        assert (right in rights_on(user, case)) == (case.pk in expected)


def _units_agree(world: Any, user: Any, right: str) -> None:
    roles = held(world, user, right)
    everywhere = user.is_active and user.is_superuser
    expected = {
        unit.pk for unit in world.units if everywhere or (user.is_active and any(covers(m, unit) for m in roles))
    }
    seen = set(visible_units(user, right).values_list("pk", flat=True))
    assert seen & {unit.pk for unit in world.units} == expected


def _coverage_agrees(world: Any, right: str, case: Any) -> None:
    def reaching(memberships: list[Any], here: Any) -> set[int]:
        return {m.user_id for m in memberships if m.user.is_active and covers(m, here)}

    holding = [m for m in world.memberships if right in world.rights_of[m.role_id]]
    by_unit = reaching(holding, case.unit)
    assert set(holders_for(case, right).values_list("pk", flat=True)) == by_unit
    everybody, available = (Coverage.load(right, [case], available_only=flag) for flag in (False, True))
    assert set(everybody.of_unit(case)) == by_unit
    if case.team is None:
        assert set(everybody.of(case)) == by_unit
        assert set(available.of(case)) == reaching([m for m in holding if m.is_available], case.unit)
    else:
        members = {user.pk for user in world.members[case.team_id]}
        assert set(everybody.of(case)) == {m.user_id for m in holding if m.user.is_active} & members


@pytest.fixture
def transaction_per_example():
    """Examples must not see each other's organisations."""
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def undone() -> Any:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return undone


@pytest.mark.django_db
def test_whoever_works_a_case_may_also_be_given_it():
    """What the assignment finds, the operation must accept."""
    for seed in range(6):
        world = organisation(seed)
        for case in world.cases:
            for user_id in Coverage.load("resolve_case", [case]).of(case):
                person = get_user_model().objects.get(pk=user_id)
                assert may(person, "resolve_case", case)


@pytest.mark.django_db
def test_taking_a_role_away_and_moving_a_unit_work_at_once():
    top = models.Unit.add_root(number="1", name="North")
    other = models.Unit.add_root(number="2", name="South")
    hotel = models.Unit.objects.get(pk=top.pk).add_child(number="1.1", name="Harbour")
    user = get_user_model().objects.create(username="robin")
    role = Group.objects.create(name="Reader")
    role.permissions.set(Permission.objects.filter(codename="view_case"))
    membership = models.Membership.objects.create(user=user, role=role, unit=top)
    case = make_case(unit=hotel, by=SYSTEM)
    assert may(user, "view_case", case)
    models.Unit.objects.get(pk=hotel.pk).move(models.Unit.objects.get(pk=other.pk), "sorted-child")
    assert not may(user, "view_case", models.Case.objects.get())
    membership.unit = models.Unit.objects.get(pk=other.pk)
    membership.save()
    assert may(user, "view_case", models.Case.objects.get())
    role.permissions.clear()
    assert not may(user, "view_case", case)


@pytest.mark.django_db
def test_a_permission_of_the_same_name_in_another_app_is_no_right_here(django_user_model):
    from django.contrib.contenttypes.models import ContentType

    alien = Permission.objects.create(
        codename="view_case", name="x", content_type=ContentType.objects.get_for_model(Group)
    )
    role = Group.objects.create(name="Alien")
    role.permissions.add(alien)
    user = django_user_model.objects.create(username="u")
    models.Membership.objects.create(user=user, role=role)
    case = make_case(by=SYSTEM)
    assert not may(user, "view_case", case)
    assert not rights_on(user, case) & {"view_case"}
    assert not holders_for(case, "view_case").exists()
    assert not Coverage.load("view_case", [case]).of(case)
