"""Who covers a unit with which right, for many cases at once: memberships read once, asked in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from case_management.models import Case, Membership, Team, Unit


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, and the path of the unit at which the right is held (None: everywhere)."""

    user_id: int
    username: str
    root: str | None

    is_available: bool = True


class Coverage:
    """The active, available people who hold a right, by branch of the unit tree."""

    def __init__(self, holders: list[Holder], paths: dict[int, str], teams: dict[int, set[int]]) -> None:
        self._holders = [holder for holder in holders if holder.is_available]
        self._everybody, self._paths, self._teams = holders, paths, teams
        self._memo: dict[tuple[int | None, int | None], dict[int, str]] = {}
        self._memo_off: dict[tuple[int | None, int | None], dict[int, str]] = {}

    @classmethod
    def load(cls, permission: str, cases: list[Case], *, available_only: bool = True) -> Coverage:
        """Read memberships, the cases' units and the cases' teams; three queries."""
        held = Membership.objects.filter(
            role__permissions__codename=permission,
            role__permissions__content_type__app_label="case_management",
            user__is_active=True,
        )
        name = f"user__{get_user_model().USERNAME_FIELD}"
        rows = held.values_list("user_id", name, "unit__path", "is_available").distinct()
        holders = [
            Holder(user_id, username, root, available or not available_only)
            for user_id, username, root, available in rows
        ]
        units = {case.unit_id for case in cases if case.unit_id}
        teams = {case.team_id for case in cases if case.team_id}
        return cls(holders, dict(Unit.objects.filter(pk__in=units).values_list("pk", "path")), _members(teams))

    def of(self, case: Case) -> dict[int, str]:
        """User id → user name of those who cover the case: its team's members when it has a team, else its unit's."""
        where = (case.unit_id, case.team_id)
        if where not in self._memo:
            self._memo[where] = self._find(self._holders, *where)
        return self._memo[where]

    def off(self, case: Case) -> dict[int, str]:
        """Those who would cover the case and are marked as not available."""
        if len(self._everybody) == len(self._holders):
            return {}
        where = (case.unit_id, case.team_id)
        if where not in self._memo_off:
            there, everybody = self.of(case), self._find(self._everybody, *where)
            self._memo_off[where] = {user_id: name for user_id, name in everybody.items() if user_id not in there}
        return self._memo_off[where]

    def of_unit(self, case: Case) -> dict[int, str]:
        """Those who cover the case's unit, whatever team it is with."""
        return self._find(self._holders, case.unit_id, None)

    def _find(self, holders: list[Holder], unit_id: int | None, team_id: int | None) -> dict[int, str]:
        if team_id is not None:
            members = self._teams.get(team_id, set())
            return {holder.user_id: holder.username for holder in holders if holder.user_id in members}
        path = self._paths.get(unit_id or 0, "")
        reach = (holder for holder in holders if holder.root is None or (path and path.startswith(holder.root)))
        return {holder.user_id: holder.username for holder in reach}


def _members(team_ids: set[Any]) -> dict[int, set[int]]:
    members: dict[int, set[int]] = {team_id: set() for team_id in team_ids}
    through = Team.members.through
    for team_id, user_id in through.objects.filter(team_id__in=team_ids).values_list("team_id", "user_id"):
        members[team_id].add(user_id)
    return members
