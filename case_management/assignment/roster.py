"""Who is there now: absences with their substitutes, working hours, capacities and skills, read once per batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from case_management.models import Absence, AgentProfile

_DAY = timedelta(days=1)
#: A substitute may be away too; so many are asked, one after the other.
_SUBSTITUTES = 5


@dataclass(frozen=True, slots=True)
class Away:
    """Until when somebody is absent (the last day of it), and who stands in for them."""

    until: date
    substitute: int | None = None


@dataclass(frozen=True)
class Roster:
    """By user id: the most open cases, who is absent, who is outside their working hours, and who has which skills.

    Who is not named here takes any number of cases at any hour and has no skills.
    """

    capacities: Mapping[int, int] = field(default_factory=dict)
    away: Mapping[int, Away] = field(default_factory=dict)
    off_hours: frozenset[int] = frozenset()
    skills: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, now: datetime, open_calendars: Mapping[int, bool]) -> Roster:
        """As things are ``now``; three queries. ``open_calendars`` tells of each calendar whether it is open now."""
        rows = AgentProfile.objects.values_list("user_id", "capacity", "calendar_id", "calendar__timezone").order_by()
        profiles = list(rows)
        zones = {user_id: zone for user_id, _, _, zone in profiles if zone}
        return cls(
            {user_id: capacity for user_id, capacity, _, _ in profiles if capacity is not None},
            _away(now, zones),
            frozenset(user_id for user_id, _, calendar, _ in profiles if not open_calendars.get(calendar or 0, True)),
            _skills(),
        )

    def stand_in(self, user_id: int | None) -> int | None:
        """The person, or where they are absent their substitute, or that one's; None where nobody is there."""
        for _ in range(_SUBSTITUTES):
            if user_id is None or user_id not in self.away:
                return user_id
            user_id = self.away[user_id].substitute
        return None


def _away(now: datetime, zones: Mapping[int, str]) -> dict[int, Away]:
    """Everybody has their own today."""
    near = Absence.objects.filter(first_day__lte=(now + _DAY).date(), last_day__gte=(now - _DAY).date())
    found: dict[int, Away] = {}
    columns = ("user_id", "first_day", "last_day", "substitute_id")
    for user_id, first, last, substitute in near.order_by("last_day", "pk").values_list(*columns):
        zone = ZoneInfo(zones[user_id]) if user_id in zones else timezone.get_default_timezone()
        if first <= now.astimezone(zone).date() <= last:
            found[user_id] = Away(last, substitute)
    return found


def _skills() -> dict[int, frozenset[int]]:
    held: dict[int, set[int]] = defaultdict(set)
    through = AgentProfile.skills.through.objects.filter(skill__is_active=True).order_by()
    for user_id, skill in through.values_list("agentprofile__user_id", "skill_id"):
        held[user_id].add(skill)
    return {user_id: frozenset(skills) for user_id, skills in held.items()}
