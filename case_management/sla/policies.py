"""Which promise applies to a case, under which terms and in which hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from case_management.models import BusinessCalendar, Case, SlaPolicy, Topic, Unit
from case_management.models.sla import SlaMetric
from case_management.sla.calendar import Calendar
from case_management.sla.hours_kept import HoursKept
from case_management.sla.policy_reading import TagsOfContacts, branches, hours_of, read_policies, zones_of_units
from case_management.sla.terms import SETS, Matter, Terms
from case_management.sla.versions import keep_terms, keep_version, kept_terms, kept_versions


@dataclass(frozen=True)
class Promise:
    """What one policy promises to a case today, in the hours that its calendar has today."""

    policy_id: int
    terms: Terms
    calendar_id: int
    hours: HoursKept
    follows_unit: bool = False

    @property
    def target(self) -> timedelta:
        """Business time to the resolution."""
        return timedelta(minutes=self.terms.targets[SlaMetric.RESOLVE.value])

    @property
    def calendar(self) -> Calendar:
        """The hours, compiled."""
        return self.hours.calendar


class PolicyBook:
    """The promises, read once per operation or batch: a set number of queries, however many policies there are."""

    def __init__(self, offered: list[Promise], every: list[Promise]) -> None:
        self._offered = offered
        self._by_id = {promise.policy_id: promise for promise in every}
        self._branches = _branches_of(offered)
        self._tags = TagsOfContacts(_named(offered, "contact_tags"))
        self._zones = zones_of_units() if any(promise.follows_unit for promise in every) else {}
        self._versions: dict[tuple[int, HoursKept], int] = {}
        self._terms: dict[int, int] = {}
        self._kept: dict[int, HoursKept] = {}
        self._kept_terms: dict[int, Terms] = {}

    @classmethod
    def load(cls) -> Self:
        """Read policies, conditions, ladders and calendars; hours are compiled once per process and content."""
        return cls.of(read_policies())

    @classmethod
    def of(cls, rows: list[tuple[SlaPolicy, Terms]]) -> Self:
        """Policies with their terms, in the order in which they are asked."""
        calendars: dict[int, BusinessCalendar] = {policy.calendar_id: policy.calendar for policy, _terms in rows}
        hours = hours_of(calendars) if rows else {}
        every = [
            Promise(policy.pk, terms, policy.calendar_id, hours[policy.calendar_id], policy.calendar.follows_unit)
            for policy, terms in rows
        ]
        offered = [promise for promise, (policy, _terms) in zip(every, rows, strict=True) if policy.is_active]
        return cls(offered, every)

    def promise_for(self, matter: Matter) -> Promise | None:
        """The first active promise, by position, that fits; None when no policy applies."""
        fitting = next((promise for promise in self._offered if self._fits(promise, matter)), None)
        return fitting and self._placed(fitting, matter.unit_id)

    def _fits(self, promise: Promise, matter: Matter) -> bool:
        """All sets, of each one entry; topics and units with all above them, contacts by their tags."""
        for name, ids in promise.terms.asked.items():
            entry = getattr(matter, SETS[name])
            if name == "contact_tags":
                if self._tags.of(entry).isdisjoint(ids):
                    return False
                continue
            below = self._branches.get(name)
            if entry not in ids and not (below and any(entry in below.get(pk, ()) for pk in ids)):
                return False
        return True

    def _placed(self, promise: Promise, unit_id: int | None) -> Promise:
        zone = self._zones.get(unit_id or 0, "") if promise.follows_unit else ""
        return replace(promise, hours=promise.hours.in_zone(zone)) if zone else promise

    def get(self, policy_id: int | None, unit_id: int | None = None) -> Promise | None:
        """What a policy promises today, also when it is no longer offered."""
        found = self._by_id.get(policy_id) if policy_id else None
        return found and self._placed(found, unit_id)

    def version_of(self, promise: Promise) -> int:
        """The id of the version of the calendar that a clock starting now runs on; one query per calendar and zone."""
        key = (promise.calendar_id, promise.hours)
        if key not in self._versions:
            self._versions[key] = keep_version(*key)
        return self._versions[key]

    def terms_id_of(self, promise: Promise) -> int:
        """The id of the kept terms that a clock starting now runs under; one query per policy."""
        if promise.policy_id not in self._terms:
            self._terms[promise.policy_id] = keep_terms(promise.policy_id, promise.terms)
        return self._terms[promise.policy_id]

    def terms_of(self, case: Case) -> Terms | None:
        """The terms that the case's clock runs under: those of its start, also when the policy changed since."""
        kept = case.sla_terms_id
        if kept is None:
            promise = self.get(case.sla_policy_id)
            return promise.terms if promise else None
        if kept not in self._kept_terms:
            self._kept_terms |= kept_terms({kept})
        return self._kept_terms[kept]

    def calendar_of(self, case: Case) -> Calendar | None:
        """The hours that the case's clock runs on: those of its start, also when the calendar changed since."""
        version = case.sla_calendar_id
        if version is None:
            promise = self.get(case.sla_policy_id)  # clocks older than versions are older than zones of units, too
            return promise.calendar if promise else None
        if version not in self._kept:
            self._kept |= kept_versions({version})
        return self._kept[version].calendar


def _branches_of(promises: list[Promise]) -> Mapping[str, Mapping[int, frozenset[int]]]:
    """What lies below the topics and units that policies name; a query for each tree that one names."""
    return {"topics": branches(Topic, _named(promises, "topics")), "units": branches(Unit, _named(promises, "units"))}


def _named(promises: list[Promise], name: str) -> set[int]:
    return {pk for promise in promises for pk in promise.terms.asked.get(name, ())}
