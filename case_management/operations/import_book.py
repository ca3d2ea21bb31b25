"""What an import looks up once for a whole chunk of rows, so that deciding one row asks the database nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from case_management.access import Coverage, visible_units
from case_management.access.rights import held_roots
from case_management.domain.actor import Actor
from case_management.domain.events import NoteText
from case_management.exceptions import NotAssignable, RightMissing
from case_management.models import Case, CaseTag, Priority, Settings, Unit
from case_management.models.among import among
from case_management.operations.custom_book import CustomBook
from case_management.operations.gate import ResolveGate, checked_choice, checked_note
from case_management.operations.import_facts import CaseFacts
from case_management.sla.deadlines import Deadlines

IMPORT_RIGHT = "import_case"


@dataclass(frozen=True)
class Reach:
    """Where the importing person may put cases: everywhere, or in some units."""

    everywhere: bool
    units: frozenset[int] = frozenset()

    @classmethod
    def of(cls, by: Actor) -> Reach:
        """Read the units of the right to import."""
        user = by.user
        if user is None or (user.is_active and user.is_superuser):
            return cls(everywhere=True)
        if user.is_active and None in held_roots(user, IMPORT_RIGHT):
            return cls(everywhere=True)
        return cls(False, frozenset(visible_units(user, IMPORT_RIGHT).values_list("pk", flat=True)))

    def require(self, unit: Unit | None) -> None:
        """Raise RightMissing when cases of that unit (or of none) are not this person's to import."""
        if self.everywhere or (unit is not None and unit.pk in self.units):
            return
        message = (
            _("You may not import cases of the unit “%s”; choose one of yours.") % unit
            if unit
            else _("You may import cases of your units only; name the unit.")
        )
        raise RightMissing(message, permission=IMPORT_RIGHT, fields=["unit"])


class Place(NamedTuple):
    """Where a case belongs."""

    unit_id: int | None
    team_id: int | None


@dataclass(frozen=True)
class Assignees:
    """Who may be made responsible for an open case, by its unit and team."""

    coverage: Coverage
    superusers: frozenset[int]
    memo: dict[Place, frozenset[int]]

    @classmethod
    def load(cls, wanted: set[int], places: Iterable[Place]) -> Assignees:
        """Read who may see cases in those places; four queries."""
        where: list[Any] = list(places)
        users = get_user_model()._default_manager.filter(pk__in=wanted, is_active=True, is_superuser=True)
        coverage = Coverage.load("view_case", where, available_only=False)
        return cls(coverage, frozenset(users.values_list("pk", flat=True)), {})

    def require(self, user_id: int, place: Place) -> None:
        """Raise NotAssignable when the user is inactive or does not see cases there."""
        if place not in self.memo:
            where: Any = place
            self.memo[place] = self.superusers.union(self.coverage.of(where), self.coverage.of_unit(where))
        if user_id not in self.memo[place]:
            raise NotAssignable(
                _("This person is inactive or may not see cases of this unit and team; leave the cell empty."),
                fields=["assignee"],
            )


@dataclass(frozen=True)
class ImportBook:
    """The reading of one chunk; pure from then on."""

    now: datetime
    deadlines: Deadlines
    gate: ResolveGate
    least_note: int
    priority: Priority | None
    tags: dict[int, set[int]]
    assignees: Assignees | None
    custom: CustomBook

    @classmethod
    def load(cls, rows: Sequence[CaseFacts], cases: dict[int, Case], now: datetime) -> ImportBook:
        """Read for ``rows``; ``cases`` holds, by the row's index, those that are there already."""
        ids = [case.pk for case in cases.values()]
        gate = ResolveGate.for_cases(ids)
        return cls(
            now,
            Deadlines.load(),
            gate,
            Settings.load().note_min_length,
            Priority.objects.active().filter(is_default=True).first(),
            _tags_of(ids if any(row.tags is not None for row in rows) else []),
            _assignees(rows, cases),
            CustomBook.load((row.custom for row in rows), gate.custom),
        )

    def note(self, facts: CaseFacts) -> NoteText:
        """The closing note, if it is long enough."""
        return checked_note(facts.closure_note, least=self.least_note)

    def require_gate(self, facts: CaseFacts, case: Case, tagged: set[int]) -> None:
        """Raise GateNotMet unless a resolved row has what resolving needs; ``tagged`` are tag categories."""
        checked_reason(facts)
        gate = replace(self.gate, tagged={case.pk: tagged})
        gate.require(case, method=facts.resolution_method, channel=facts.close_channel)

    def require_assignee(self, facts: CaseFacts, place: Place) -> None:
        """Raise NotAssignable when the row's person may not take a case in that unit and team."""
        if facts.assignee_id and self.assignees is not None:
            self.assignees.require(facts.assignee_id, place)


def checked_reason(facts: CaseFacts) -> None:
    """A reason is needed; one that is no longer offered is still true of the past."""
    if facts.closure_reason is None:
        checked_choice(None, "closure_reason")


def _tags_of(case_ids: list[int]) -> dict[int, set[int]]:
    present: dict[int, set[int]] = {pk: set() for pk in case_ids}
    for case_id, tag_id in CaseTag.objects.filter(case_id__in=among(CaseTag, case_ids)).values_list(
        "case_id", "tag_id"
    ):
        present[case_id].add(tag_id)
    return present


def _assignees(rows: Sequence[CaseFacts], cases: dict[int, Case]) -> Assignees | None:
    wanted = {row.assignee_id for row in rows if row.assignee_id}
    if not wanted:
        return None
    places = {place_of(row, cases.get(index)) for index, row in enumerate(rows)}
    return Assignees.load(wanted, places)


def place_of(facts: CaseFacts, case: Case | None) -> Place:
    """Unit and team that the case has once the row is taken in."""
    unit, team = (case.unit_id, case.team_id) if case else (None, None)
    return Place(facts.unit.pk if facts.unit else unit, facts.team.pk if facts.team else team)
