"""How far somebody's right reaches, read in one query and kept as constants that the database plans well with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q

from case_management.models import Case, Membership, Team, Unit
from case_management.models.together import together

#: Units are named one by one up to this number; of more the database looks up the branches itself.
FEW_UNITS = 200
_LISTS = ("roots", "units", "teams")


@dataclass(frozen=True)
class Reach:
    """Where ``user`` holds a right.

    ``roots`` are the tree paths of the units at which the right is held, None for everywhere; ``units`` the ids of
    these units and all below, None when they are more than :data:`FEW_UNITS`; ``teams`` the ids of the user's teams.
    """

    user: Any
    roots: frozenset[str | None] = frozenset()
    units: frozenset[int] | None = frozenset()
    teams: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, user: Any, permission: str) -> Reach:
        """Where ``user`` holds ``permission`` (a codename of the Case model); one query, none for a superuser."""
        return cls.read(user, together(**cls.lists(user, permission)))

    @classmethod
    def lists(cls, user: Any, permission: str) -> dict[str, Any]:
        """What :meth:`read` needs to know, for a query that reads more than this."""
        if not user.is_active or user.is_superuser:
            return {}
        below = ExpressionWrapper(OuterRef("path"), CharField())
        above = held(user, permission).alias(cm_below=below).filter(cm_below__startswith=F("unit__path"))
        return {
            "roots": held(user, permission).values_list("unit__path"),
            "units": Unit.objects.filter(Exists(above)).order_by().values_list("pk")[: FEW_UNITS + 1],
            "teams": Team.objects.filter(members=user).order_by().values_list("pk"),
        }

    @classmethod
    def read(cls, user: Any, found: Mapping[str, Any]) -> Reach:
        """The reach that the rows of :meth:`lists` tell of."""
        if user.is_active and user.is_superuser:
            return cls(user, frozenset({None}))
        roots, units, teams = (frozenset(value for (value,) in found.get(name, ())) for name in _LISTS)
        return cls(user, roots, units if len(units) <= FEW_UNITS else None, teams)

    @property
    def is_everywhere(self) -> bool:
        """Whether every case is reached."""
        return None in self.roots

    def cases(self) -> Any:
        """The cases reached: of the branches, assigned to the user, or given to a team of the user's."""
        if self.is_everywhere:
            return Case.objects.all()
        if not self.roots:
            return Case.objects.none()
        units = self._below().values("pk") if self.units is None else self.units
        mine = Q(assignee_id=self.user.pk) | Q(team_id__in=self.teams)
        return Case.objects.filter(Q(unit_id__in=units) | mine)

    def all_units(self) -> Any:
        """The units reached."""
        if self.is_everywhere:
            return Unit.objects.all()
        return Unit.objects.filter(pk__in=self._below().values("pk")) if self.roots else Unit.objects.none()

    def _below(self) -> Any:
        below = Q()
        for path in self.roots:
            below |= Q(path__startswith=path)
        return Unit.objects.filter(below).order_by()


def held(user: Any, permission: str) -> Any:
    """The memberships by which ``user`` holds ``permission``."""
    return Membership.objects.filter(
        user=user,
        role__permissions__codename=permission,
        role__permissions__content_type__app_label="case_management",
    ).order_by()
