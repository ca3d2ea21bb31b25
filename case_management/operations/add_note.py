"""Add a note: internal, at least as long as the settings ask; the first one starts a new case."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from case_management.domain.actor import Actor
from case_management.domain.events import CaseStarted, Event, NoteAdded, NoteText
from case_management.domain.states import Status
from case_management.models import Case, NoteSubject
from case_management.operations.applying import Outcome, apply, apply_to_each, without_reading
from case_management.operations.gate import checked_note
from case_management.operations.mentions import mentions_in, watch_as_mentioned


@transaction.atomic
def add_note(case: Case, *, text: str, by: Actor, subject: NoteSubject | None = None) -> Case:
    """Write a note on the case. Raises GateNotMet when it is too short, and what every verb raises.

    ``@name`` calls on somebody who may see the case: they watch it from here on.
    """
    note, mentions = checked_note(text, subject), mentions_in(text, case)
    case = apply("note", case, without_reading(lambda held: _events(held, note, mentions.people)), by=by)
    watch_as_mentioned(case, mentions.people, by.user_id)
    return case


def add_notes(
    cases: Any, *, text: str, by: Actor, subject: NoteSubject | None = None, check_only: bool = False
) -> Outcome:
    """Write the same note on many cases; it calls on nobody."""
    note = checked_note(text, subject)
    plan = without_reading(lambda held: _events(held, note))
    return apply_to_each("note", cases, plan, by=by, check_only=check_only)


def _events(case: Case, note: NoteText, mentions: tuple[int, ...] = ()) -> list[Event]:
    started: list[Event] = [CaseStarted()] if case.state is Status.NEW else []
    return [*started, NoteAdded(note=note, mentions=mentions)]
