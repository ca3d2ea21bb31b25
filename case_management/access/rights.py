"""One function decides rows: everything else, from a list to a single click, asks it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q

from case_management.access.reach import Reach, held
from case_management.models import Case, Membership, Team, Unit
from case_management.models.among import among


def visible_to(user: Any, permission: str = "view_case") -> Any:
    """Cases on which ``user`` holds ``permission`` (a codename of the Case model), as a queryset.

    A role held everywhere reaches every case. A role held in a unit reaches that unit's branch, and with it the cases
    assigned to the user and those of the user's teams, wherever they are.
    """
    return Reach.of(user, permission).cases()


def held_roots(user: Any, permission: str) -> list[str | None]:
    """Tree paths of the units at which ``user`` holds ``permission``; None stands for everywhere."""
    return list(held(user, permission).values_list("unit__path", flat=True).distinct())


def visible_units(user: Any, permission: str = "view_case") -> Any:
    """Units at or below which ``user`` holds ``permission``."""
    return Reach.of(user, permission).all_units()


def may(user: Any, permission: str, case: Case) -> bool:
    """Whether ``user`` holds ``permission`` on ``case``."""
    return bool(visible_to(user, permission).filter(pk=case.pk).exists())


def rights_on(user: Any, case: Case) -> frozenset[str]:
    """Codenames of every right that ``user`` holds on ``case``; agrees with :func:`may`, in two queries at most."""
    held = Permission.objects.filter(content_type__app_label="case_management")
    if not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(held.values_list("codename", flat=True))
    mine = Q(group__case_memberships__user=user)
    if not _is_own(user, case):
        paths = _ancestor_paths(case.unit.path) if case.unit else []
        mine &= Q(group__case_memberships__unit=None) | Q(group__case_memberships__unit__path__in=paths)
    return frozenset(held.filter(mine).values_list("codename", flat=True))


def _is_own(user: Any, case: Case) -> bool:
    """Assigned to the user or to a team of theirs: such a case is reached by a role held in any unit."""
    if case.assignee_id == user.pk:
        return True
    return case.team_id is not None and Team.objects.filter(pk=case.team_id, members=user).exists()


def holders_for(case: Case, permission: str) -> Any:
    """Active users whose role, held at or above the case's unit, carries ``permission``; superusers are not counted."""
    held = Membership.objects.filter(
        user=OuterRef("pk"),
        role__permissions__codename=permission,
        role__permissions__content_type__app_label="case_management",
    )
    reach = Q(unit=None)
    if case.unit is not None:
        reach |= Q(unit__path__in=_ancestor_paths(case.unit.path))
    return get_user_model()._default_manager.filter(Exists(held.filter(reach)), is_active=True)


def _ancestor_paths(path: str) -> list[str]:
    step = int(Unit.steplen)
    return [path[:end] for end in range(step, len(path) + 1, step)]


class MembershipAuthority:
    """The authority that apps.py installs: rights come from memberships."""

    def may(self, user: Any, permission: str, case: Any) -> bool:
        """See :func:`may`."""
        return may(user, permission, case)

    def allowed_among(self, user: Any, permission: str, case_ids: list[int]) -> set[int]:
        """Those of ``case_ids`` on which ``user`` holds ``permission``; one query."""
        return set(visible_to(user, permission).filter(pk__in=among(Case, case_ids)).values_list("pk", flat=True))

    def may_open(self, user: Any, unit_id: int | None) -> bool:
        """Whether ``user`` may open a case for the unit (without a unit: needs the right somewhere)."""
        if unit_id is None:
            return bool(user.is_active and (user.is_superuser or held_roots(user, "add_case")))
        return bool(visible_units(user, "add_case").filter(pk=unit_id).exists())
