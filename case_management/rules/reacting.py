"""The rules as a reactor: which events they want to hear of, and what they do when they hear."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.utils import timezone

from case_management.domain.actor import Actor
from case_management.domain.events import EVENTS, ClockChanged, ClockMarked
from case_management.exceptions import CaseManagementError
from case_management.models import Case, CaseEvent, Rule
from case_management.models.rule import Occasion
from case_management.operations import stop_rules
from case_management.rules.asked import keep_too_deep
from case_management.rules.due import anchored_events, ask_moved
from case_management.rules.engine import Happening, happen

logger = logging.getLogger(__name__)

#: A rule set off by a rule set off by a rule …: here it ends.
MAX_DEPTH = 8
#: What counts as a change of a case: everything but its opening, its clock and what staff merely wrote.
CHANGES = frozenset(
    code
    for code, event in EVENTS.items()
    if code not in {"opened", "sla_breached", "note_added", "rules_stopped"}
    and not issubclass(event, (ClockChanged, ClockMarked))
)


def occasion_of(event_type: str) -> str | None:
    """The occasion that an event is for rules on cases."""
    if event_type == "opened":
        return Occasion.CASE_OPENED
    if event_type == "sla_breached":
        return Occasion.DEADLINE_MISSED
    return Occasion.CASE_CHANGED if event_type in CHANGES else None


def event_types() -> set[str]:
    """Only what a live rule waits for; a bulk change that no rule asks about leaves no work."""
    occasions = set(Rule.objects.asked().order_by().values_list("occasion", flat=True).distinct())
    asked = {event_type for event_type in EVENTS if occasion_of(event_type) in occasions}
    if Occasion.TIME_PASSED not in occasions:
        return asked
    return asked | anchored_events(Rule.objects.asked().filter(occasion=Occasion.TIME_PASSED))


def react(events: Sequence[CaseEvent]) -> None:
    """Ask the rules, occasion by occasion; several events of one case are asked one after the other."""
    rounds: list[dict[tuple[str, int], CaseEvent]] = []
    too_deep: list[tuple[str, CaseEvent]] = []
    for event in sorted(events, key=lambda event: event.pk):
        occasion = occasion_of(event.type)
        if event.depth >= MAX_DEPTH:
            _stop(event)
            too_deep += [(occasion, event)] if occasion else []
        elif occasion is not None:
            _place(rounds, (occasion, event.case_id), event)
    if too_deep:
        keep_too_deep(too_deep)
    for batch in rounds:
        _ask(batch)
    ask_moved([event for event in events if event.depth < MAX_DEPTH], timezone.now())


def _stop(event: CaseEvent) -> None:
    """One event on the case tells of the circle, however many rules are in it."""
    logger.warning("Rules go in circles on case %s; event %s is not followed further.", event.case_id, event.pk)
    try:
        stop_rules(event.case, at=event, by=Actor.system("rules"))
    except CaseManagementError:
        return  # it is told already, or the case is locked: then no rule goes on anyway


def _place(rounds: list[dict[tuple[str, int], CaseEvent]], key: tuple[str, int], event: CaseEvent) -> None:
    for batch in rounds:
        if not any(case_id == key[1] for _, case_id in batch):
            batch[key] = event
            return
    rounds.append({key: event})


def _ask(batch: dict[tuple[str, int], CaseEvent]) -> None:
    cases = Case.objects.select_related("source", "unit", "contact").in_bulk(
        [event.case_id for event in batch.values()]
    )
    for occasion in sorted({occasion for occasion, _ in batch}):
        events = {case_id: event for (asked, case_id), event in batch.items() if asked == occasion}
        happen(Happening(occasion, {case_id: cases[case_id] for case_id in events}, events))
