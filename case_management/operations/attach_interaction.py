"""Add an interaction to a case: one more thing that the customer said about it."""

from __future__ import annotations

from django.db import transaction

from case_management.domain.actor import Actor
from case_management.domain.events import CaseWoken, Event, InteractionAttached
from case_management.domain.states import Status, WaitingFor
from case_management.models import Case, Interaction
from case_management.operations.applying import apply, without_reading
from case_management.operations.open_case import score_of
from case_management.operations.resume_case import resumption


@transaction.atomic
def attach_interaction(case: Case, *, interaction: Interaction, by: Actor) -> Case:
    """Bundle the interaction with an open case; a case that waits for the customer resumes."""
    by = by.at_this_moment()
    case = apply("attach", case, without_reading(lambda held: _events(held, interaction, by)), by=by)
    Interaction.objects.filter(pk=interaction.pk).update(case=case)
    return case


def _events(case: Case, interaction: Interaction, by: Actor) -> list[Event]:
    """What is added; and the wait for the customer, or the snooze, is over."""
    score = score_of(interaction) or (None if case.score is None else str(case.score))
    since = case.awaiting_since or interaction.occurred_at
    attached = InteractionAttached(interaction=interaction.pk, score=score, awaiting_since=since)
    waits = case.state is Status.WAITING and case.waiting_for == WaitingFor.CUSTOMER
    woken = [CaseWoken()] if case.snoozed_until else []
    return [attached, *woken, *(resumption(case, by) if waits else [])]
