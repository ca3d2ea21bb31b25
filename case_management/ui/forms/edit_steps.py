"""What each field of the edit form changes on the case, and by which operation."""

from __future__ import annotations

from typing import Any

from case_management.domain.actor import Actor
from case_management.domain.events import (
    CaseCorrected,
    CaseRerouted,
    DeadlineChanged,
    Event,
    PriorityChanged,
    TopicChanged,
    TypeChanged,
)
from case_management.models import Case, Contact
from case_management.operations import (
    Correction,
    change_case_type,
    change_deadline,
    change_priority,
    change_topic,
    correct_case,
)

#: Only the fields that these touch matter, to tell whether somebody else changed the same.
PLANNED: dict[str, Event] = {
    "heading": CaseCorrected(details=("title",)),
    "description": CaseCorrected(details=("description",)),
    "contact": CaseCorrected(details=("contact",)),
    "unit": CaseRerouted(),
    "topic": TopicChanged(to=0),
    "case_type": TypeChanged(),
    "priority": PriorityChanged(to=0, rank=0),
    "deadline": DeadlineChanged(),
}
#: Corrected in one step, whichever of them changed.
CORRECTED = ("heading", "description", "contact")
SORTED: dict[str, Any] = {
    "topic": lambda case, value, by: change_topic(case, topic=value, by=by),
    "case_type": lambda case, value, by: change_case_type(case, case_type=value, by=by),
    "priority": lambda case, value, by: change_priority(case, priority=value, by=by),
    "deadline": lambda case, value, by: change_deadline(case, deadline=value, by=by),
}
CHANGES = (*CORRECTED, *SORTED, "unit")


def make_changes(case: Case, wanted: dict[str, Any], by: Actor) -> None:
    """Call the operation of each field in ``wanted``; the texts and the customer are corrected in one step."""
    if corrected := {name: value for name, value in wanted.items() if name in CORRECTED}:
        correct_case(case, _correction(corrected), by=by)
    for name, value in wanted.items():
        if name in SORTED:
            SORTED[name](case, value, by)


def _correction(values: dict[str, Any]) -> Correction:
    """The details that were changed; those that were not stay as they are."""
    chosen = values.get("contact")
    return Correction(
        title=values.get("heading"),
        description=values.get("description"),
        contact=Contact.objects.get(pk=chosen) if chosen else None,
        without_contact=chosen == "",
    )
