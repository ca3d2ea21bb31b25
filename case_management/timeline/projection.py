"""A case's row is the fold of its events; here is the fold, and the check that the two agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from case_management.domain.events import CaseCorrected, CustomFieldsChanged, Event, TagsChanged, projected_fields
from case_management.models import Case, CaseEvent, CaseTag

#: Columns that the recorder writes for a chunk of cases in one statement.
PROJECTED: tuple[str, ...] = (*sorted(projected_fields()), "version", "updated_at", "chain_head")


@dataclass
class Folded:
    """What a case's events add up to."""

    values: dict[str, Any] = field(default_factory=dict)
    tags: set[int] = field(default_factory=set)

    def apply(self, event: Event, at: datetime) -> None:
        """Take one more event in."""
        self.values.update(event.changes(at))
        if isinstance(event, TagsChanged):
            self.tags = (self.tags | set(event.added)) - set(event.removed)


def fold(events: Iterable[CaseEvent]) -> Folded:
    """The state that stored events, in order, add up to."""
    folded = Folded()
    for stored in events:
        folded.apply(stored.decoded(), stored.occurred_at)
        folded.values.update(version=stored.seq, updated_at=stored.occurred_at, chain_head=stored.hash)
    return folded


def project(case: Case, event: Event, at: datetime) -> None:
    """Apply an event to the row in memory; the recorder saves it."""
    for name, value in event.changes(at).items():
        setattr(case, name, value)
    if isinstance(event, CustomFieldsChanged) and event.written:
        texts = {**case.custom_texts, **event.written}
        case.custom_texts = {key: text for key, text in texts.items() if text is not None}
    if isinstance(event, CaseCorrected):
        for name, value in event.written.items():
            setattr(case, name, value)
    case.updated_at = at


def drift(cases: Iterable[Case]) -> list[str]:
    """One line per field in which a case's row is not the fold of its events."""
    by_id = {case.pk: case for case in cases}
    events: dict[int, list[CaseEvent]] = {pk: [] for pk in by_id}
    for stored in CaseEvent.objects.filter(case_id__in=list(by_id)).order_by("case_id", "seq"):
        events[stored.case_id].append(stored)
    tags: dict[int, set[int]] = {pk: set() for pk in by_id}
    for case_id, tag_id in CaseTag.objects.filter(case_id__in=list(by_id)).values_list("case_id", "tag_id"):
        tags[case_id].add(tag_id)
    return [line for pk, case in by_id.items() for line in _differences(case, fold(events[pk]), tags[pk])]


def _differences(case: Case, folded: Folded, tags: set[int]) -> list[str]:
    lines = [
        f"{case.reference}.{name}: row has {getattr(case, name)!r}, events say {expected!r}"
        for name in PROJECTED
        if getattr(case, name) != (expected := folded.values.get(name, _default(name)))
    ]
    if not folded.values:
        lines.append(f"{case.reference}: no events")
    if tags != folded.tags:
        lines.append(f"{case.reference}.tags: row has {sorted(tags)}, events say {sorted(folded.tags)}")
    return lines


def _default(name: str) -> Any:
    field: Any = Case._meta.get_field(name)
    return field.get_default()
