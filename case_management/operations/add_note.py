"""Add a note: internal, at least as long as the settings ask; the first one starts a new case."""

from __future__ import annotations

from case_management.domain.actor import Actor
from case_management.domain.events import CaseStarted, Event, NoteAdded, NoteText
from case_management.domain.states import Status
from case_management.models import Case, NoteSubject
from case_management.operations.applying import apply, without_reading
from case_management.operations.gate import checked_note


def add_note(case: Case, *, text: str, by: Actor, subject: NoteSubject | None = None) -> Case:
    """Write a note on the case. Raises GateNotMet when it is too short, and what every verb raises."""
    note = checked_note(text, subject)
    return apply("note", case, without_reading(lambda held: _events(held, note)), by=by)


def _events(case: Case, note: NoteText) -> list[Event]:
    started: list[Event] = [CaseStarted()] if case.state is Status.NEW else []
    return [*started, NoteAdded(note=note)]
