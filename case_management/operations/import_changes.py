"""What a row changes on a case that is there already: steps that the table allows, and what is left alone and why."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain import transitions
from case_management.domain.events import CaseCorrected
from case_management.exceptions import TransitionNotAllowed
from case_management.models import Case
from case_management.operations.import_aspects import ASPECTS
from case_management.operations.import_book import ImportBook
from case_management.operations.import_facts import CaseFacts, NewContact
from case_management.operations.import_history import Step
from case_management.operations.import_settling import settle
from case_management.timeline.projection import project

#: Of a longer text only so much is compared; what follows is the writer's mark that it was cut.
SHEET_HOLDS = 32_000


@dataclass
class Changes:
    """What is to be done: steps, new values of details that no event holds, and remarks (column, why not)."""

    steps: list[Step] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    remarks: list[tuple[str, str]] = field(default_factory=list)


def changes(case: Case, facts: CaseFacts, book: ImportBook) -> Changes:
    """Compare the row with the case; what the table does not allow from the case's status becomes a remark."""
    found, held = Changes(), copy(case)
    for column, verb, aspect in ASPECTS:
        events = aspect(held, facts, book)
        if events and _possible(verb, held, column, found):
            found.steps += [(book.now, event) for event in events]
            for event in events:
                project(held, event, book.now)
    _correct(held, facts, book, found)
    try:
        found.steps += settle(held, facts, book)
    except TransitionNotAllowed as error:
        found.remarks.append(("status", error.message))
    _remark_on_the_past(case, facts, found)
    return found


def _possible(verb: str, case: Case, column: str, found: Changes) -> bool:
    try:
        transitions.require(verb, case.state)
    except TransitionNotAllowed as error:
        found.remarks.append((column, error.message))
        return False
    return True


def _correct(case: Case, facts: CaseFacts, book: ImportBook, found: Changes) -> None:
    """Title, description and contact are no projection of events: an event says that they were put right."""
    texts = {"title": facts.title, "description": facts.description}
    different: dict[str, Any] = {
        name: text for name, text in texts.items() if text and not _same_text(text, getattr(case, name))
    }
    if facts.contact is not None and not _same_contact(case, facts.contact):
        different["contact"] = facts.contact
    if different and _possible("note", case, next(iter(different)), found):
        found.details = different
        found.steps.append((book.now, CaseCorrected(details=tuple(sorted(different)))))


def _same_text(text: str, present: str) -> bool:
    """A sheet holds 32,767 characters of a cell at most: a text that was cut on its way there is still the same."""
    return text == present or (len(text) > SHEET_HOLDS and present.startswith(text[:SHEET_HOLDS]))


def _same_contact(case: Case, wanted: Any) -> bool:
    """A row that knows only a name means the contact of that name whom the case has."""
    if not isinstance(wanted, NewContact):
        return bool(wanted.pk == case.contact_id)
    named_only = not wanted.points and not wanted.contact.external_id
    return named_only and case.contact is not None and case.contact.name == wanted.contact.name


def _remark_on_the_past(case: Case, facts: CaseFacts, found: Changes) -> None:
    """What history says already is not written a second time."""
    for name in ("opened_at", "started_at", "resolved_at", "closed_at"):
        wanted, present = getattr(facts, name), getattr(case, name)
        if wanted is not None and present is not None and wanted != present:
            found.remarks.append((name, _("History has another moment; it stays.")))
    if facts.escalation_level is not None and facts.escalation_level != case.escalation_level:
        found.remarks.append(("escalation_level", _("A case is escalated by a person or a rule; the level stays.")))
