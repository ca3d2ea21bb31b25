"""Open: a matter of a customer becomes a case, one at a time or by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from case_management import conf
from case_management.domain.actor import Actor
from case_management.domain.events import CaseOpened, Event
from case_management.domain.reference import new_reference
from case_management.exceptions import GateNotMet
from case_management.models import Case, CaseType, Contact, Interaction, Priority, Source, Team, Topic, Unit
from case_management.models.among import among
from case_management.operations.gate import checked_choice
from case_management.sla.deadlines import Deadlines
from case_management.timeline.recorder import Entry, record


@dataclass(frozen=True)
class CaseDraft:
    """What a case starts with; title, topic and source are required, the priority has a default."""

    title: str
    topic: Topic
    source: Source
    priority: Priority | None = None
    description: str = ""
    case_type: CaseType | None = None
    contact: Contact | None = None
    unit: Unit | None = None
    team: Team | None = None
    interaction: Interaction | None = None
    external_id: str = ""
    deadline: datetime | None = None


def open_case(draft: CaseDraft, *, by: Actor) -> Case:
    """Open one case. Raises GateNotMet, ValueUnknown or RightMissing; then nothing was written."""
    return open_cases([draft], by=by)[0]


@transaction.atomic
def open_cases(drafts: Sequence[CaseDraft], *, by: Actor) -> list[Case]:
    """Open many cases in a number of queries that does not depend on how many there are."""
    by = by.at_this_moment()
    fallback, deadlines = Priority.objects.active().filter(is_default=True).first(), Deadlines.load()
    for unit_id in {draft.unit.pk if draft.unit else None for draft in drafts}:
        by.require_opening(unit_id)
    references = iter(free_references(len(drafts)))
    entries = [_entry(draft, next(references), (fallback, deadlines), by) for draft in drafts]
    record(entries)
    _attach([draft.interaction for draft in drafts], [entry.case for entry in entries])
    return [entry.case for entry in entries]


def _entry(draft: CaseDraft, reference: str, defaults: tuple[Priority | None, Deadlines], by: Actor) -> Entry:
    fallback, deadlines = defaults
    priority = draft.priority or fallback
    if not draft.title.strip():
        raise GateNotMet(_("Give the case a title."), fields=["title"])
    checked_choice(draft.topic, "topic")
    checked_choice(priority, "priority")
    assert priority is not None  # noqa: S101 - checked_choice refused None; this tells the type checker
    case = Case(
        reference=reference,
        external_id=draft.external_id,
        source=draft.source,
        contact=draft.contact,
        title=draft.title.strip()[:250],
        description=draft.description,
    )
    clock = deadlines.on_open(priority.pk, by.moment(), draft.deadline)
    return Entry(case, [_opened(draft, priority, by), *clock], by)


def _opened(draft: CaseDraft, priority: Priority, by: Actor) -> Event:
    return CaseOpened(
        topic=draft.topic.pk,
        priority=priority.pk,
        priority_rank=priority.rank,
        case_type=draft.case_type.pk if draft.case_type else None,
        unit=draft.unit.pk if draft.unit else None,
        team=draft.team.pk if draft.team else None,
        interaction=draft.interaction.pk if draft.interaction else None,
        rule=by.label if by.kind.value == "rule" else None,
    )


def free_references(count: int) -> list[str]:
    """References that no case has; the unique constraint guards the rare race."""
    found: set[str] = set()
    while len(found) < count:
        wanted = {new_reference() for _ in range(min(count - len(found), conf.chunk_size()))}
        found |= wanted - set(
            Case.objects.filter(reference__in=among(Case, wanted)).values_list("reference", flat=True)
        )
    return list(found)


def _attach(interactions: list[Interaction | None], cases: list[Case]) -> None:
    linked = []
    for interaction, case in zip(interactions, cases, strict=True):
        if interaction is not None:
            interaction.case = case
            linked.append(interaction)
    Interaction.objects.bulk_update(linked, ["case"], batch_size=500)
