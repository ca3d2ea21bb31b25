"""How many of the people are at work on a day, and what if some are away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from case_management.models import Absence, Membership, Team

#: Days of absences that are read: three days ahead touch four days, five in another time zone.
DAYS_AHEAD = 5


@dataclass(frozen=True)
class Away:
    """So many people of a team (by id; None: of everybody) are away on a day."""

    day: date
    people: int
    team: int | None = None


@dataclass(frozen=True)
class Staffing:
    """People by team (id), everybody under None; who is known to be absent on which days; and who might be away."""

    people: Mapping[int | None, frozenset[int]]
    absent: Mapping[date, frozenset[int]] = field(default_factory=dict)
    away: tuple[Away, ...] = ()

    @classmethod
    def now(cls, away: Iterable[Away] = ()) -> Staffing:
        """The people that cases can be given to, and the absences from today on; three queries."""
        available = {*Membership.objects.filter(is_available=True, user__is_active=True).values_list("user", flat=True)}
        people: dict[int | None, set[int]] = defaultdict(set, {None: available})
        for team, user in Team.objects.filter(members__in=available).values_list("pk", "members"):
            people[team].add(user)
        return cls({team: frozenset(users) for team, users in people.items()}, _absences(available), tuple(away))

    def share(self, team: int | None, day: date) -> float:
        """The share, 0 to 1, of a case's people that is at work; a case without a team is everybody's."""
        everybody = self.people.get(team, frozenset())
        absent = len(everybody & self.absent.get(day, frozenset()))
        missing = absent + sum(one.people for one in self.away if one.day == day and one.team in (None, team))
        return max(0.0, 1 - missing / len(everybody)) if everybody else 1.0

    def days(self, team: int | None, start: datetime, end: datetime) -> list[tuple[datetime, datetime, float]]:
        """The time between the two as (from, to, share at work), cut at local midnights where it matters."""
        if not self.away and not self.absent:
            return [(start, end, 1.0)]
        stretches, at = [], start
        while at < end:
            day = timezone.localdate(at)
            midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
            stretches.append((at, min(midnight, end), self.share(team, day)))
            at = midnight
        return stretches


def _absences(people: set[int]) -> dict[date, frozenset[int]]:
    """Who is absent on each of the days that a forecast looks at."""
    today = timezone.localdate()
    ahead = [today + timedelta(days=number) for number in range(DAYS_AHEAD)]
    known = Absence.objects.filter(user__in=people, last_day__gte=ahead[0], first_day__lte=ahead[-1])
    absent: dict[date, set[int]] = defaultdict(set)
    for user, first, last in known.values_list("user", "first_day", "last_day"):
        for day in ahead:
            if first <= day <= last:
                absent[day].add(user)
    return {day: frozenset(users) for day, users in absent.items()}
