"""Small random organisations as plain data, and who may do what in them by a plain reading of that data."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from hypothesis import strategies as st

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.operations import CaseDraft
from case_management.testing import make_topic

BY = Actor.system("test")
READERS = 3
#: Roles that differ in what a page asks for; whoever holds one may enter both admins.
ROLES: dict[str, tuple[str, ...]] = {
    "reads": ("view_case",),
    "leads": ("view_case", "view_dashboard", "export_case", "resolve_case"),
    "exports": ("export_case",),
    "nothing": (),
}
EVERYWHERE = -1


@dataclass(frozen=True)
class CasePlan:
    """A case: where it is, whose it is, how it stands; each number is a place in the world's lists."""

    unit: int | None
    team: int | None
    assignee: int | None
    is_resolved: bool
    marks: frozenset[str]


@dataclass(frozen=True)
class WorldPlan:
    """Parents of units (None: a root), members of teams, who holds which role where, and the cases."""

    parents: list[int | None]
    teams: list[frozenset[int]]
    held: list[tuple[int, str, int]]
    cases: list[CasePlan]
    kinds: list[str] = field(default_factory=lambda: [""] * READERS)

    def may(self, reader: int, right: str, case: CasePlan) -> bool:
        """Whether the reader holds the right on the case: the fifteen lines that all the code must agree with."""
        if self.kinds[reader] == "inactive":
            return False
        if self.kinds[reader] == "superuser":
            return True
        places = [place for who, role, place in self.held if who == reader and right in ROLES[role]]
        is_theirs = case.assignee == reader or (case.team is not None and reader in self.teams[case.team])
        if places and is_theirs:
            return True
        return any(place == EVERYWHERE or place in self.above(case.unit) for place in places)

    def above(self, unit: int | None) -> list[int]:
        """The unit and everything over it."""
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.parents[unit]
        return found


@st.composite
def plans(draw: Any) -> WorldPlan:
    """Any world of one to six units, up to two teams, three readers and up to twelve cases."""
    units = draw(st.integers(1, 6))
    parents = [draw(st.sampled_from([None, *range(n)])) if n else None for n in range(units)]
    teams = draw(st.lists(st.frozensets(st.integers(0, READERS - 1)), max_size=2))
    places = st.sampled_from([EVERYWHERE, *range(units), *range(units)])
    held = st.tuples(st.integers(0, READERS - 1), st.sampled_from(list(ROLES)), places)
    somewhere = st.sampled_from([None, *range(units), *range(units)])
    case = st.builds(
        CasePlan,
        unit=somewhere,
        team=st.sampled_from([None, None, *range(len(teams))]),
        assignee=st.sampled_from([None, None, *range(READERS)]),
        is_resolved=st.booleans(),
        marks=st.frozensets(st.sampled_from(["flagged", "escalated"])),
    )
    return WorldPlan(
        parents=parents,
        teams=teams,
        held=draw(st.lists(held, max_size=6, unique=True)),
        cases=draw(st.lists(case, max_size=12)),
        kinds=draw(st.lists(st.sampled_from(["", "", "", "superuser", "inactive"]), min_size=3, max_size=3)),
    )


def build(plan: WorldPlan, word: str) -> SimpleNamespace:
    """The world in the database; ``word`` stands in every title."""
    units: list[Any] = []
    for number, parent in enumerate(plan.parents):
        facts = {"number": f"{number}", "name": f"Unit {number}"}
        above = models.Unit.objects.get(pk=units[parent].pk) if parent is not None else None
        units.append(above.add_child(**facts) if above else models.Unit.add_root(**facts))
    units = [models.Unit.objects.get(pk=unit.pk) for unit in units]
    users = get_user_model().objects.bulk_create(
        get_user_model()(username=f"reader{n}", is_staff=True, is_superuser=kind == "superuser")
        for n, kind in enumerate(plan.kinds)
    )
    teams = [models.Team.objects.create(name=f"Team {n}") for n in range(len(plan.teams))]
    for team, members in zip(teams, plan.teams, strict=True):
        team.members.set([users[n] for n in members])
    world = SimpleNamespace(plan=plan, units=units, users=users, teams=teams, roles=_roles())
    world.cases = _open(world, word)
    _give(world)
    return world


def _roles() -> dict[str, Any]:
    roles = {name: Group.objects.create(name=f"Who {name}") for name in ROLES}
    held = {
        row.codename: row for row in Permission.objects.filter(codename__in=("access_admin", *sum(ROLES.values(), ())))
    }
    for name, rights in ROLES.items():
        roles[name].permissions.set([row for code, row in held.items() if code in ("access_admin", *rights)])
    return roles


def _open(world: SimpleNamespace, word: str) -> list[Any]:
    """Cases are given to people while all may see all; what is theirs stays theirs when the rights are others."""
    plans = world.plan.cases
    shared = {
        "topic": make_topic(),
        "source": models.Source.objects.get_or_create(key="survey", defaults={"name": "Survey"})[0],
        "priority": models.Priority.objects.get_or_create(key="normal", defaults={"name": "Normal", "rank": 3})[0],
    }
    drafts = [
        CaseDraft(
            title=f"{word} {n}",
            unit=None if plan.unit is None else world.units[plan.unit],
            team=None if plan.team is None else world.teams[plan.team],
            **shared,
        )
        for n, plan in enumerate(plans)
    ]
    cases = operations.open_cases(drafts, by=BY) if drafts else []
    world.word = word
    for_all = models.Membership.objects.bulk_create(
        models.Membership(user=user, role=world.roles["reads"], unit=None) for user in world.users
    )
    pairs = list(zip(cases, plans, strict=True))
    _all_done(operations.assign_cases, {c.pk: world.users[p.assignee].pk for c, p in pairs if p.assignee is not None})
    models.Membership.objects.filter(pk__in=[row.pk for row in for_all]).delete()
    _all_done(operations.flag_cases, [c.pk for c, p in pairs if "flagged" in p.marks])
    for case, plan in pairs:
        if "escalated" in plan.marks:
            operations.escalate_case(case, reason="Nobody has answered for days", by=BY)
    reason = models.ClosureReason.objects.get_or_create(key="solved", defaults={"name": "Solved"})[0]
    resolution = operations.Resolution(reason=reason, note="All was put right by telephone")
    _all_done(operations.resolve_cases, [c.pk for c, p in pairs if p.is_resolved], resolution)
    found = models.Case.objects.in_bulk([case.pk for case in cases])
    return [found[case.pk] for case in cases]  # in the order of the plans; a database returns them in any


def _all_done(act: Any, cases: Any, *rest: Any) -> None:
    if cases:
        assert act(cases, *rest, by=BY).refused == []


def _give(world: SimpleNamespace) -> None:
    """The roles of the plan, and whoever has left."""
    for who, role, place in world.plan.held:
        unit = None if place == EVERYWHERE else world.units[place]
        models.Membership.objects.create(user=world.users[who], role=world.roles[role], unit=unit)
    for user, kind in zip(world.users, world.plan.kinds, strict=True):
        if kind == "inactive":
            user.is_active = False
            user.save()
