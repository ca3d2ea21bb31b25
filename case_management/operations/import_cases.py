"""Import: rows of a file become cases with their history, or change cases that are there, many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, RightMissing, RowInvalid
from case_management.models import Case, Contact, ContactPoint
from case_management.models.among import among
from case_management.operations.import_book import IMPORT_RIGHT, ImportBook, Reach
from case_management.operations.import_changes import changes
from case_management.operations.import_facts import CaseFacts, NewContact, faults
from case_management.operations.import_history import Step, history
from case_management.operations.open_case import free_references
from case_management.timeline.recorder import Entry, record


@dataclass
class ImportOutcome:
    """The receipt of a chunk; numbers are places in the list of rows."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    refused: list[tuple[int, CaseManagementError]] = field(default_factory=list)
    #: Place, column, and why that one value was left alone while the rest of the row was taken in.
    remarks: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class _Life:
    """What is going to be written of one case: steps, and values that no event holds."""

    case: Case
    steps: list[Step]
    details: dict[str, Any]


@transaction.atomic
def import_cases(rows: Sequence[CaseFacts], *, by: Actor) -> ImportOutcome:
    """Take rows in, in a number of queries that does not depend on how many there are; nobody is mailed.

    A row that cannot be taken in is refused with its reason and the others go on. Taking the same rows in again
    changes nothing.
    """
    outcome, lives = _plan(rows, by, Case.objects.select_for_update(of=("self",)))
    _save_contacts([life.details["contact"] for life in lives if "contact" in life.details])
    for life in lives:
        _set_details(life)
    _name_cases([life.case for life in lives if life.case.pk is None])
    corrected = [life.case for life in lives if life.case.pk is not None and life.details]
    record([entry for life in lives for entry in _entries(life, by)], quietly=True)
    names = ["title", "description", "contact"]
    Case.objects.bulk_create(corrected, update_conflicts=True, unique_fields=["id"], update_fields=names)
    return outcome


def check_import(rows: Sequence[CaseFacts], *, by: Actor) -> ImportOutcome:
    """What :func:`import_cases` would do; writes nothing."""
    return _plan(rows, by, Case.objects.all())[0]


def _plan(rows: Sequence[CaseFacts], by: Actor, held: Any) -> tuple[ImportOutcome, list[_Life]]:
    cases, reach, outcome = _find(rows, held), Reach.of(by), ImportOutcome()
    allowed = by.allowed_among(IMPORT_RIGHT, [case.pk for case in cases.values()])
    book, seen, lives = ImportBook.load(rows, cases, by.moment()), set[Any](), list[_Life]()
    for place, facts in enumerate(rows):
        case = cases.get(place)
        try:
            _require_sound(facts, book, seen)
            _require_right(facts, case, reach, allowed)
            lives += _decide(place, facts, case, (book, outcome))
        except CaseManagementError as error:
            outcome.refused.append((place, error))
    return outcome, lives


def _find(rows: Sequence[CaseFacts], held: Any) -> dict[int, Case]:
    """Cases by the place of their row: by source and external id, else by reference."""
    keyed = {facts.key for facts in rows if facts.external_id}
    references = {facts.reference for facts in rows if facts.reference and not facts.external_id}
    # The last condition is the one of the partial index, which the planner does not infer from a long list.
    wanted = Q(
        ~Q(external_id=""),
        source_id__in={source for source, _external_id in keyed},
        external_id__in=among(Case, {external_id for _source, external_id in keyed}),
    )
    if references:
        wanted |= Q(reference__in=among(Case, references))
    by_key: dict[Any, Case] = {}
    for case in held.select_related("contact").filter(wanted).order_by("pk"):
        by_key[case.source_id, case.external_id] = by_key[case.reference] = case
    keys = [facts.key if facts.external_id else facts.reference for facts in rows]
    return {place: by_key[key] for place, key in enumerate(keys) if key in by_key}


def _require_sound(facts: CaseFacts, book: ImportBook, seen: set[Any]) -> None:
    """Raise what cannot be true of any case; a key may stand in the chunk once."""
    for fault in faults(facts, book.now):
        raise fault
    key = facts.key if facts.external_id else facts.reference
    if key and key in seen:
        message = _("An earlier row has the same source and external id.")
        raise RowInvalid(message, column="external_id", mend=_("Keep one of the two rows."))
    seen.add(key)


def _require_right(facts: CaseFacts, case: Case | None, reach: Reach, allowed: set[int]) -> None:
    if case is None or (facts.unit is not None and facts.unit.pk != case.unit_id):
        reach.require(facts.unit)
    if case is not None and case.pk not in allowed:
        message = _("The case with this source and external id is not yours to import; leave the row out.")
        raise RightMissing(message, permission=IMPORT_RIGHT, fields=["external_id"])


def _decide(place: int, facts: CaseFacts, case: Case | None, work: tuple[ImportBook, ImportOutcome]) -> Iterator[_Life]:
    book, outcome = work
    if case is None:
        steps = history(facts, book)
        outcome.created.append(place)
        yield _Life(_new_case(facts), steps, {"contact": facts.contact} if facts.contact else {})
        return
    found = changes(case, facts, book)
    outcome.remarks += [(place, column, why) for column, why in found.remarks]
    if not found.steps:
        outcome.unchanged.append(place)
        return
    outcome.updated.append(place)
    yield _Life(case, found.steps, found.details)


def _new_case(facts: CaseFacts) -> Case:
    return Case(
        external_id=facts.external_id,
        source_id=facts.key[0],
        title=facts.title,
        description=facts.description,
    )


def _save_contacts(wanted: list[Contact | NewContact]) -> None:
    fresh = list({id(entry): entry for entry in wanted if isinstance(entry, NewContact)}.values())
    Contact.objects.bulk_create([entry.contact for entry in fresh])
    points = [point for entry in fresh for point in entry.points]
    for entry in fresh:
        for point in entry.points:
            point.contact = entry.contact
    ContactPoint.objects.bulk_create(points)


def _set_details(life: _Life) -> None:
    for name, value in life.details.items():
        setattr(life.case, name, value.contact if isinstance(value, NewContact) else value)


def _name_cases(cases: list[Case]) -> None:
    for case, reference in zip(cases, free_references(len(cases)), strict=True):
        case.reference = reference


def _entries(life: _Life, by: Actor) -> Iterator[Entry]:
    """One entry per moment, in the order of time."""
    for moment, steps in groupby(life.steps, key=itemgetter(0)):
        yield Entry(life.case, [event for _moment, event in steps], by.backdated(moment))
