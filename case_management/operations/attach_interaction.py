"""Add an interaction to a case: one more thing that the customer said about it."""

from __future__ import annotations

from django.db import transaction

from case_management.domain.actor import Actor
from case_management.domain.events import Event, InteractionAttached
from case_management.domain.states import Status, WaitingFor
from case_management.models import Case, Interaction
from case_management.operations.applying import apply, without_reading
from case_management.operations.resume_case import resumption


@transaction.atomic
def attach_interaction(case: Case, *, interaction: Interaction, by: Actor) -> Case:
    """Bundle the interaction with an open case; a case that waits for the customer resumes."""
    by = by.at_this_moment()
    case = apply("attach", case, without_reading(lambda held: _events(held, interaction, by)), by=by)
    Interaction.objects.filter(pk=interaction.pk).update(case=case)
    return case


def _events(case: Case, interaction: Interaction, by: Actor) -> list[Event]:
    waits = case.state is Status.WAITING and case.waiting_for == WaitingFor.CUSTOMER
    return [InteractionAttached(interaction=interaction.pk), *(resumption(case, by) if waits else [])]
