"""A policy as it is tried, saved or not, and the policies of today with it switched on at its place in the order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import BusinessCalendar, CalendarVersion, SlaPolicy, SlaRung, SlaTerms
from case_management.sla.clock_rows import Kept
from case_management.sla.hours_kept import HoursKept
from case_management.sla.policies import PolicyBook, Promise
from case_management.sla.policy_reading import read_policies
from case_management.sla.terms import Rung, Terms

#: Stands for the primary key of a policy that was never saved.
UNSAVED = -1


@dataclass(frozen=True)
class TriedPolicy:
    """What a policy promises and where it stands; ``pk`` is :data:`UNSAVED` for one that has no row."""

    pk: int
    key: str
    name: str
    position: int
    calendar_id: int
    terms: Terms

    @classmethod
    def of(cls, policy: SlaPolicy, terms: Terms) -> Self:
        """The policy's row, which may be unsaved, under these terms."""
        return cls(policy.pk or UNSAVED, policy.key, policy.name, policy.position, policy.calendar_id, terms)

    @classmethod
    def saved(cls, policy: SlaPolicy) -> Self:
        """The policy as it stands in the database. Raises InvalidConfiguration where it promises no resolution."""
        found = next((pair for pair in read_policies() if pair[0].pk == policy.pk), None)
        if found is None:
            raise InvalidConfiguration(_("The policy promises no time to resolve yet; give it one."))
        return cls.of(*found)

    @classmethod
    def drafted(cls, policy: SlaPolicy, targets: Mapping[str, int], asked: Mapping[str, Iterable[int]]) -> Self:
        """The policy as it stands in a form, with minutes by metric and ids by set; its ladder is the saved one."""
        columns = ("level", "minutes", "team_id", "user_id", "priority_id")
        ladder = SlaRung.objects.filter(policy=policy.pk).values_list(*columns)
        return cls.of(policy, Terms.of(policy, targets, asked, [Rung(*step) for step in ladder]))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What :meth:`as_json` stored."""
        parts = {part.name: stored[part.name] for part in fields(cls)}
        return cls(**{**parts, "terms": Terms.from_json(stored["terms"])})

    def as_json(self) -> dict[str, Any]:
        """The value as it is stored."""
        return {**asdict(self), "terms": self.terms.as_json()}

    @property
    def label(self) -> str:
        """What files and terminals call it."""
        return self.key or self.name

    def row(self) -> SlaPolicy:
        """Switched on; not a row of the database. Raises InvalidConfiguration where its calendar was deleted."""
        calendar = BusinessCalendar.objects.filter(pk=self.calendar_id).first()
        if calendar is None:
            raise InvalidConfiguration(_("The calendar of the policy is gone; choose another one."))
        return SlaPolicy(pk=self.pk, key=self.key, name=self.name, position=self.position, calendar=calendar)


class TriedBook(PolicyBook):
    """The policies of today with the tried one among them.

    Terms and hours on which no clock ran yet have a number below zero and are kept nowhere: trying writes nothing.
    """

    def __init__(self, offered: list[Promise], every: list[Promise]) -> None:
        super().__init__(offered, every)
        #: For the clocks of replies, whose warnings and ladders say nothing about when they are due.
        self.kept = Kept({}, self._kept)
        self._hours_known, self._terms_known = dict[tuple[int, str], int](), dict[tuple[int, str], int]()
        for pk, calendar, digest, hours in CalendarVersion.objects.values_list("pk", "calendar", "digest", "hours"):
            self._hours_known[calendar, digest], self._kept[pk] = pk, HoursKept.from_json(hours)
        for pk, policy, digest, terms in SlaTerms.objects.values_list("pk", "policy", "digest", "terms"):
            self._terms_known[policy, digest] = pk
            self._keep(pk, Terms.from_json(terms))

    @classmethod
    def with_tried(cls, tried: TriedPolicy) -> Self:
        """Read the policies; the tried one takes the place of its saved row."""
        rows = [(row, terms) for row, terms in read_policies() if row.pk != tried.pk]
        rows.append((tried.row(), tried.terms))
        return cls.of(sorted(rows, key=lambda pair: (pair[0].position, pair[0].pk < 0, pair[0].pk)))

    def version_of(self, promise: Promise) -> int:
        """The number of the hours of a clock that would start now."""
        key = (promise.calendar_id, promise.hours.digest)
        if key not in self._hours_known:
            number = self._hours_known[key] = -1 - len(self._hours_known)
            self._kept[number] = promise.hours
        return self._hours_known[key]

    def terms_id_of(self, promise: Promise) -> int:
        """The number of the terms of a clock that would start now."""
        key = (promise.policy_id, promise.terms.digest)
        if key not in self._terms_known:
            number = self._terms_known[key] = -1 - len(self._terms_known)
            self._keep(number, promise.terms)
        return self._terms_known[key]

    def _keep(self, number: int, terms: Terms) -> None:
        self._kept_terms[number] = terms
        if terms.has_marks:
            self.kept.terms = {**self.kept.terms, number: replace(terms, warnings=(), ladder=())}
