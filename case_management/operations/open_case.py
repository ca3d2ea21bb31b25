"""Open: a matter of a customer becomes a case, one at a time or by the thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from case_management import conf
from case_management.domain.actor import Actor, ActorKind
from case_management.domain.events import CaseOpened, Event, SlaApplied
from case_management.domain.reference import new_reference
from case_management.exceptions import GateNotMet
from case_management.models import Case, CaseType, Contact, Interaction, Priority, Source, Team, Topic, Unit
from case_management.models.among import among
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.operations.custom_book import CustomBook, require_to_open
from case_management.operations.gate import checked_choice
from case_management.sla.deadlines import Deadlines
from case_management.sla.terms import Matter
from case_management.timeline.projection import project
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
    #: When the time to resolve began to run, where that was before now.
    clock_from: datetime | None = None
    #: Custom fields by key, as :func:`set_custom_fields` takes them.
    custom: Mapping[str, Any] = field(default_factory=dict)


def open_case(draft: CaseDraft, *, by: Actor) -> Case:
    """Open one case. Raises GateNotMet, ValueUnknown or RightMissing; then nothing was written."""
    return open_cases([draft], by=by)[0]


@transaction.atomic
def open_cases(drafts: Sequence[CaseDraft], *, by: Actor) -> list[Case]:
    """Open many cases in a number of queries that does not depend on how many there are."""
    by = by.at_this_moment()
    for unit_id in {draft.unit.pk if draft.unit else None for draft in drafts}:
        by.require_opening(unit_id)
    entries = drawn_up(drafts, free_references(len(drafts)), by=by)
    record(entries)
    _attach([draft.interaction for draft in drafts], [entry.case for entry in entries])
    return [entry.case for entry in entries]


def drawn_up(drafts: Sequence[CaseDraft], references: Sequence[str], *, by: Actor) -> list[Entry]:
    """The cases and the events with which they would be opened; nothing is recorded."""
    fallback, deadlines = Priority.objects.active().filter(is_default=True).first(), Deadlines.load()
    pairs = zip(drafts, references, strict=True)
    entries = [_entry(draft, reference, (fallback, deadlines), by) for draft, reference in pairs]
    return _filled_in(entries, drafts, by)


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
        contact=draft.contact and draft.contact.survivor,
        title=draft.title.strip()[:250],
        description=draft.description,
    )
    clock = deadlines.on_open(_matter(draft, priority), draft.clock_from or by.moment(), draft.deadline)
    return Entry(case, [_opened(draft, priority, by), *(_since(event, draft.clock_from) for event in clock)], by)


def _since(event: Event, start: datetime | None) -> Event:
    """The clock says so where it started before the case did."""
    return replace(event, since=start) if isinstance(event, SlaApplied) and start is not None else event


def _matter(draft: CaseDraft, priority: Priority) -> Matter:
    """What policies ask about the case."""
    kind, unit, contact = draft.case_type, draft.unit, draft.contact and draft.contact.survivor
    return Matter(
        priority.pk,
        kind.pk if kind else None,
        draft.topic.pk,
        draft.source.pk,
        unit.pk if unit else None,
        contact.pk if contact else None,
    )


def _filled_in(entries: list[Entry], drafts: Sequence[CaseDraft], by: Actor) -> list[Entry]:
    """Add the custom fields of each draft; people are asked for what is required, machines give what they know."""
    asked = by.kind in (ActorKind.USER, ActorKind.API)
    if not asked and not any(draft.custom for draft in drafts):
        return entries
    catalogue, filled = CustomCatalogue.load(), list[Entry]()
    book = CustomBook.load([draft.custom for draft in drafts], catalogue)
    for entry, draft in zip(entries, drafts, strict=True):
        shadow = Case()
        project(shadow, entry.events[0], by.moment())
        changed = book.change(shadow, draft.custom)
        if changed is not None:
            project(shadow, changed, by.moment())
        if asked:
            require_to_open(catalogue, shadow)
        filled.append(replace(entry, events=[*entry.events, changed]) if changed else entry)
    return filled


def _opened(draft: CaseDraft, priority: Priority, by: Actor) -> Event:
    return CaseOpened(
        topic=draft.topic.pk,
        priority=priority.pk,
        priority_rank=priority.rank,
        case_type=draft.case_type.pk if draft.case_type else None,
        unit=draft.unit.pk if draft.unit else None,
        team=draft.team.pk if draft.team else None,
        interaction=draft.interaction.pk if draft.interaction else None,
        score=score_of(draft.interaction),
        awaiting_since=draft.interaction.occurred_at if draft.interaction else None,
        rule=by.label if by.kind.value == "rule" else None,
    )


def score_of(interaction: Interaction | None) -> str | None:
    """The survey score as an event carries it."""
    return None if interaction is None or interaction.score is None else str(interaction.score)


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
