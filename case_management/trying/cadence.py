"""How often the tried rule would have acted: its cadence applied in order of time, without the ledger of firings."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from case_management.models import Rule
from case_management.models.rule import Cadence


class Ledger:
    """The firings so far of one rule, by case and by contact; kept for as long as one chunk is looked at."""

    def __init__(self, rule: Rule) -> None:
        self._cadence, self._window = rule.cadence, timedelta(days=rule.cadence_days)
        self._once: set[int] = set()
        self._past: dict[int, list[datetime]] = defaultdict(list)

    def admit(self, subject_id: int, contact_id: int | None, at: datetime) -> bool:
        """Whether the rule may act on the subject now; if so, it is written down."""
        if self._cadence == Cadence.EVERY_TIME:
            return True
        holder = contact_id if self._cadence == Cadence.ONCE_PER_CONTACT else subject_id
        if self._cadence == Cadence.ONCE_PER_RESPONSE or holder is None:
            fresh = subject_id not in self._once
            self._once.add(subject_id)
            return fresh
        if any(abs(at - earlier) < self._window for earlier in self._past[holder]):
            return False
        self._past[holder].append(at)
        return True
