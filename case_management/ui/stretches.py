"""Which events a stretch of a case's timeline holds; what was said in merged cases stands among them, by time.

A case's own events are numbered without gaps, and their numbers are the places in its timeline. Where other cases were
merged into it, its timeline is in the order in which things happened, and a place is the key of an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from case_management.domain.events import EVENTS, CaseOpened
from case_management.models import Case, CaseEvent

#: So many events come at once.
PAGE_SIZE = 50
RELATED = ("actor", "note__subject", "message__delivery")
_SPOKEN = sorted(code for code, event in EVENTS.items() if event.is_message)


@dataclass(frozen=True)
class Stretch:
    """Events in the order asked for; ``more`` is the place to go on from, ``total`` counts those of all stretches."""

    events: list[CaseEvent]
    more: int | None
    total: int


def stretch_of(case: Case, *, show: str, order: str, past: int | None, merged: Mapping[int, Case]) -> Stretch:
    """What follows the place ``past``; of the ``merged`` cases what somebody said or wrote, and with what they began.

    One query; where cases were merged two, and one more for what lies behind the first stretch.
    """
    rows = CaseEvent.objects.select_related(*RELATED).annotate(answers=F("caused_by__seq"))
    rows = _shown(rows.prefetch_related("message__attachments", "message__encloses"), show, merged)
    if merged and show != "system":
        found = list(_by_time(rows.filter(_told(case, merged)), order, _event(case, merged, past))[: PAGE_SIZE + 1])
        places, total = [stored.pk for stored in found], case.version + _heard(merged).count()
    else:
        found = list(_by_number(rows.filter(case=case), order, past)[: PAGE_SIZE + 1])
        places, total = [stored.seq for stored in found], case.version
    more = places[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return Stretch(found[:PAGE_SIZE], more, total)


def _shown(rows: Any, show: str, merged: Mapping[int, Case]) -> Any:
    if show == "notes":
        return rows.filter(note__isnull=False)
    if show == "messages":
        # A merged case began with what its customer said; here those words stand above the timeline.
        return rows.filter(Q(type__in=_SPOKEN) | Q(type=CaseOpened.code, case__in=list(merged)))
    return rows.filter(note__isnull=True).exclude(type__in=_SPOKEN) if show == "system" else rows


def _by_number(rows: Any, order: str, past: int | None) -> Any:
    if order == "oldest":
        return rows.filter(seq__gt=past or 0).order_by("seq")
    return (rows.filter(seq__lt=past) if past is not None else rows).order_by("-seq")


def _by_time(rows: Any, order: str, past: CaseEvent | None) -> Any:
    """What happened in one moment stands as it was recorded."""
    sign, way = ("", "gt") if order == "oldest" else ("-", "lt")
    if past is not None:
        later = Q(**{f"occurred_at__{way}": past.occurred_at})
        rows = rows.filter(later | Q(occurred_at=past.occurred_at, **{f"pk__{way}": past.pk}))
    return rows.order_by(f"{sign}occurred_at", f"{sign}pk")


def _told(case: Case, merged: Mapping[int, Case]) -> Q:
    """The case's own events, and of the merged ones what is heard; the first condition is there for the index."""
    return Q(case__in=[case.pk, *merged]) & (Q(case=case) | _IS_HEARD)


_IS_HEARD = Q(type__in=[*_SPOKEN, CaseOpened.code]) | Q(note__isnull=False)


def _heard(merged: Mapping[int, Case]) -> Any:
    return CaseEvent.objects.filter(_IS_HEARD, case__in=list(merged))


def _event(case: Case, merged: Mapping[int, Case], pk: int | None) -> CaseEvent | None:
    """The event at a place; None where there is none, which shows the timeline from its beginning."""
    if pk is None:
        return None
    rows: Any = CaseEvent.objects.only("occurred_at")
    found: CaseEvent | None = rows.filter(pk=pk, case__in=[case.pk, *merged]).first()
    return found
