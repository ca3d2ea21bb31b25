"""Rules on time: found by index when their moment comes, caught up in order after a standstill, never asked twice.

Each live rule has a clock. What came due between its last and this asking is a range of the anchor's index. A case
whose moment was moved behind the last asking, as a deadline is by another priority, is asked when it moves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from case_management import conf
from case_management.domain.events import EVENTS
from case_management.domain.states import UNLOCKED
from case_management.exceptions import InvalidConfiguration
from case_management.models import Case, CaseEvent, Rule, RuleClock
from case_management.models.rule import Occasion
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.engine import Happening, happen
from case_management.rules.timing import Delay, read_delay, read_schedule

logger = logging.getLogger(__name__)

ON_TIME = (Occasion.TIME_PASSED, Occasion.SCHEDULE)
#: After a standstill time is made up for in steps of this length, the oldest first.
STEP = timedelta(hours=6)


def run_due(now: datetime | None = None) -> int:
    """Ask every rule whose time has come; returns how many cases were looked at, and 0 when nothing is due."""
    now = now or timezone.now()
    _keep_clocks(now)
    due = RuleClock.objects.filter(next_at__lte=now, rule__in=Rule.objects.asked()).select_related("rule")
    return sum(_run(clock, now) for clock in due.order_by("next_at", "pk") if _claimed(clock, now))


def _keep_clocks(now: datetime) -> None:
    """A clock for each rule that is switched on; one that was switched off begins anew."""
    RuleClock.objects.exclude(rule__in=Rule.objects.asked().filter(occasion__in=ON_TIME)).delete()
    fresh = Rule.objects.asked().filter(occasion__in=ON_TIME, clock=None)
    for rule in fresh:
        try:
            start_clock(rule, max(rule.created_at, now - timedelta(minutes=10)), now)
        except InvalidConfiguration:
            logger.exception("The timing of rule %s cannot be read; it is not asked.", rule.label)


def start_clock(rule: Rule, started_at: datetime, now: datetime) -> None:
    """From ``started_at`` the rule is asked, unless it has a clock; raises InvalidConfiguration for its timing."""
    next_at = read_schedule(rule.timing).next_after(now) if rule.occasion == Occasion.SCHEDULE else started_at
    clock = {"started_at": started_at, "asked_until": started_at, "next_at": next_at}
    RuleClock.objects.get_or_create(rule=rule, defaults=clock)


def _claimed(clock: RuleClock, now: datetime) -> bool:
    """Only one of two schedulers moves the hand; what a killed one left is due again when its lease is over."""
    mine = RuleClock.objects.filter(pk=clock.pk, next_at=clock.next_at)
    return bool(mine.update(next_at=now + conf.lease()))


def _run(clock: RuleClock, now: datetime) -> int:
    rule = clock.rule
    if rule.occasion == Occasion.SCHEDULE:
        unlocked = Case.objects.filter(status__in=[status.value for status in UNLOCKED])
        looked_at = _ask(rule, unlocked, now, clock.next_at.isoformat())
        # Several missed times are made up for by one asking: two mails about one thing help nobody.
        _set(clock, now, read_schedule(rule.timing).next_after(now))
        return looked_at
    end = min(now, clock.asked_until + STEP)
    delay, about = read_delay(rule.timing), Circumstances(Case.objects.all(), end)
    come = Case.objects.filter(delay.window(about, clock.asked_until, end))
    looked_at = _ask(rule, come, end, delay.anchor)
    # What is behind is due at once, so that the next round goes on; else the next sweep asks again.
    _set(clock, end, end if end < now else now + timedelta(seconds=1))
    return looked_at + (end < now)


def _set(clock: RuleClock, asked_until: datetime, next_at: datetime) -> None:
    RuleClock.objects.filter(pk=clock.pk).update(asked_until=asked_until, next_at=next_at)


def _ask(rule: Rule, cases: Any, now: datetime, mark: str) -> int:
    """In chunks, each in its transaction; ``mark`` names the case's moment, or is the tick, that a firing is for."""
    ids = list(cases.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), conf.chunk_size()):
        with transaction.atomic():
            _ask_these(rule, ids[start : start + conf.chunk_size()], now, mark)
    return len(ids)


def _ask_these(rule: Rule, ids: Sequence[int], now: datetime, mark: str) -> None:
    rows = Case.objects.select_related("source", "unit", "contact").in_bulk(ids)
    marks = {pk: _mark(case, mark) for pk, case in rows.items()}
    happen(Happening(rule.occasion, rows, now=now, marks=marks), [rule])


def _mark(case: Case, mark: str) -> str:
    held = getattr(case, mark, None)
    return held.isoformat() if isinstance(held, datetime) else mark


# --- moments that move ---


def anchored_events(rules: Iterable[Rule]) -> set[str]:
    """Types of the events that move a moment for which one of these rules waits."""
    anchors = {_delay_of(rule).anchor for rule in rules if rule.timing.get("since")}
    return {code for code, event in EVENTS.items() if anchors & event.touches}


def ask_moved(events: Sequence[CaseEvent], now: datetime) -> None:
    """Ask the rules on time about cases whose moment moved to where it has come already."""
    for rule in Rule.objects.asked().filter(occasion=Occasion.TIME_PASSED).select_related("clock"):
        clock = getattr(rule, "clock", None)
        delay = _delay_of(rule)
        moved = {event.case_id for event in events if delay.anchor in EVENTS[event.type].touches}
        if clock is None or not moved:
            continue
        cases = Case.objects.filter(pk__in=moved)
        come = cases.filter(delay.window(Circumstances(cases, now), clock.started_at, clock.asked_until))
        ids = list(come.values_list("pk", flat=True))
        if ids:
            _ask_these(rule, ids, now, delay.anchor)


def _delay_of(rule: Rule) -> Delay:
    return read_delay(rule.timing)
