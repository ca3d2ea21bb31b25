"""A rule over the history that there is: what it would have done, had it been switched on then; nothing is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q

from case_management.models import Case, Interaction, Rule
from case_management.models.rule import Cadence, Occasion
from case_management.rules import authoring
from case_management.trying.over_cases import OverCases
from case_management.trying.over_interactions import OverInteractions
from case_management.trying.result import Chunk
from case_management.trying.subjects import Subjects
from case_management.trying.trial import Result, Trial


def backtest(rule: Rule, since: datetime, until: datetime, reader: Any = None) -> Result:
    """Run a rule, saved or not, over what happened from ``since`` to ``until`` (aware); without a reader all is named.

    Raises InvalidConfiguration for a rule that cannot be read, RightMissing for a reader who may not set rules up.
    """
    return RuleTrial(rule, since, until, reader).whole()


def version_named(name: str) -> Rule | None:
    """The version that ``key.vN`` names, else the newest one of the key."""
    key, dot, version = name.rpartition(".v")
    is_version = bool(dot) and version.isdecimal()
    rules = Rule.objects.filter(key=key, version=version) if is_version else Rule.objects.filter(key=name)
    rule: Rule | None = rules.order_by("-version").first()
    return rule


class RuleTrial(Trial):
    """One rule over what happened in the span."""

    model: ClassVar[Any] = Rule

    def __init__(self, rule: Rule, since: datetime, until: datetime, reader: Any = None) -> None:
        super().__init__(since, until, reader)
        authoring.validate(rule.occasion, rule.conditions, rule.actions)
        authoring.validate_when(rule.occasion, rule.timing, rule.scope)
        self._rule = rule
        self._over = self._over_what()
        self.as_today = self._over.as_today
        groups = any(stored.get("group") for stored in rule.actions if stored.get("action") == "open_case")
        self.by_contact = groups or rule.cadence == Cadence.ONCE_PER_CONTACT

    def _over_what(self) -> OverCases | OverInteractions:
        if self._rule.occasion == Occasion.INTERACTION_RECEIVED:
            return OverInteractions(self._rule, self.since, self.until)
        return OverCases(self._rule, self.since, self.until)

    @property
    def subjects(self) -> Any:
        """The rows that are looked at."""
        if self._rule.occasion == Occasion.INTERACTION_RECEIVED:
            return Interaction.objects.filter(occurred_at__gte=self.since, occurred_at__lte=self.until)
        if self._rule.occasion == Occasion.CASE_OPENED:
            return Case.objects.filter(opened_at__gte=self.since, opened_at__lte=self.until)
        if isinstance(self._over, OverCases) and self._over.on_time:
            # Time passes for the others no longer, and did not when the span began unless something happened since.
            passes = Q(status__in=self._over.on_time.statuses) | Q(updated_at__gte=self.since)
            return Case.objects.filter(passes, opened_at__lte=self.until)
        # Whatever happened to a case, its row says when it happened last.
        return Case.objects.filter(updated_at__gte=self.since, opened_at__lte=self.until)

    def look(self, subjects: Subjects) -> Chunk:
        """What the rule would have done."""
        return self._over.look(subjects)
