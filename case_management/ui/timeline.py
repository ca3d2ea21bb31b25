"""A case's events for a reader: one page of them, each with its sentence, details, note and the reason behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import ActorKind
from case_management.domain.events import EVENTS
from case_management.models import Case, CaseEvent, CaseNote, RuleFiring
from case_management.timeline.names import Names
from case_management.timeline.wording import actor_name, details, names_for, sentence
from case_management.ui.why import Why, why

PAGE_SIZE = 100
SHOWS = {"all": _("Everything"), "notes": _("Notes"), "system": _("Without notes")}
ORDERS = {"newest": _("Newest first"), "oldest": _("Oldest first")}
#: An import that records later than this after the fact says so.
_LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Entry:
    """One event as it is shown."""

    number: int
    code: str
    sentence: str
    who: str
    kind: str
    at: datetime
    recorded_at: datetime | None
    details: list[tuple[str, str]]
    note: CaseNote | None
    why: Why | None


@dataclass(frozen=True)
class TimelinePage:
    """What is shown, of how much, and how it was asked for."""

    entries: list[Entry]
    show: str
    order: str
    number: int
    pages: int
    total: int

    @property
    def previous(self) -> int | None:
        """The page before, if there is one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, if there is one."""
        return self.number + 1 if self.number < self.pages else None


def timeline_of(case: Case, asked: Any) -> TimelinePage:
    """One page of the case's events; ``asked`` holds ``show``, ``order`` and ``page`` as the address has them."""
    show = asked.get("show") if asked.get("show") in SHOWS else "all"
    order = asked.get("order") if asked.get("order") in ORDERS else "newest"
    paginator = Paginator(_events(case, show, order), PAGE_SIZE)
    if show == "all":
        paginator.count = case.version  # numbers run from 1 without gaps, so there is nothing to count
    page = paginator.get_page(asked.get("page"))
    return TimelinePage(
        entries=entries_of(case, list(page.object_list)),
        show=show,
        order=order,
        number=page.number,
        pages=page.paginator.num_pages,
        total=page.paginator.count,
    )


def _events(case: Case, show: str, order: str) -> Any:
    events = CaseEvent.objects.filter(case=case).select_related("actor", "note__subject")
    if show != "all":
        events = events.filter(note__isnull=show != "notes")
    return events.order_by("seq" if order == "oldest" else "-seq")


def entries_of(case: Case, events: Sequence[CaseEvent]) -> list[Entry]:
    """The events with all their words, in a number of queries that does not depend on how many there are."""
    names, firings = names_for(events), _firings(case, events)
    return [_entry(stored, names, firings) for stored in events]


def since(case: Case, version: int, fields: Collection[str]) -> list[Entry]:
    """What happened to these fields of the case after ``version``, the latest first, five at most."""
    types = [code for code, event in EVENTS.items() if event.touches.intersection(fields)]
    later = CaseEvent.objects.filter(case=case, seq__gt=version, type__in=types)
    return entries_of(case, list(later.select_related("actor", "note__subject").order_by("-seq")[:5]))


def _entry(stored: CaseEvent, names: Names, firings: dict[tuple[str, int | None], RuleFiring]) -> Entry:
    firing = firings.get((stored.actor_label, stored.caused_by_id))
    is_rule = stored.actor_kind == ActorKind.RULE
    return Entry(
        number=stored.seq,
        code=stored.type,
        sentence=sentence(stored, names),
        who=actor_name(stored, names),
        kind=stored.actor_kind,
        at=stored.occurred_at,
        recorded_at=stored.recorded_at if stored.recorded_at - stored.occurred_at > _LATE else None,
        details=details(stored, names),
        note=getattr(stored, "note", None),
        why=why(firing) if firing and is_rule else None,
    )


def _firings(case: Case, events: Sequence[CaseEvent]) -> dict[tuple[str, int | None], RuleFiring]:
    """(the rule's signature, the event that it answered) → the firing; no query where no rule acted."""
    causes = {stored.caused_by_id for stored in events if stored.actor_kind == ActorKind.RULE}
    if not causes:
        return {}
    rows = RuleFiring.objects.filter(case=case).select_related("rule").order_by("pk")
    return {(row.rule.label, row.event_id): row for row in rows if row.event_id in causes}
