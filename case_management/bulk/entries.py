"""Wide changes that the set-up asks for: an entry merged into another one, a priority's new rank for its open cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from case_management import operations
from case_management.bulk.selection import Selection
from case_management.domain.actor import Actor
from case_management.exceptions import ValueUnknown
from case_management.models import BusinessCalendar
from case_management.operations import Outcome, Replacement
from case_management.operations.recount_clocks import on_older_hours
from case_management.operations.replace_entry import FACT_OF, misranked


@dataclass(frozen=True)
class EverybodyWith(Selection):
    """The cases that carry an entry, among what the person sees."""

    replacement: Replacement | None = None

    def cases(self) -> Any:
        """Open ones and others."""
        assert self.replacement is not None  # noqa: S101 - this selection is made for one
        return super().cases().filter(pk__in=self.replacement.cases().values("pk"))


@dataclass(frozen=True)
class Misranked(Selection):
    """Open cases whose rank is not their priority's any more, among what the person sees."""

    def cases(self) -> Any:
        """Of every priority."""
        return super().cases().filter(pk__in=misranked().values("pk"))


@dataclass(frozen=True)
class OnOlderHours(Selection):
    """Open cases whose clock runs on hours that a calendar no longer has, among what the person sees."""

    calendar: BusinessCalendar | None = None

    def cases(self) -> Any:
        """Of every policy."""
        assert self.calendar is not None  # noqa: S101 - this selection is made for one
        return super().cases().filter(pk__in=on_older_hours(self.calendar).values("pk"))


def carriers(user: Any, replacement: Replacement) -> EverybodyWith:
    """Everything that :func:`replace` would touch."""
    return EverybodyWith(user, query="", replacement=replacement)


def replacement_arguments(replacement: Replacement) -> dict[str, Any]:
    """What a change set keeps of the replacement."""
    model = replacement.previous._meta.model_name
    return {"list": model, "previous": replacement.previous.pk, "to": replacement.to.pk}


def replace(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    """Let the cases carry the other entry."""
    model = next((model for model in FACT_OF if model._meta.model_name == arguments["list"]), None)
    found = model._default_manager.in_bulk([arguments["previous"], arguments["to"]]) if model else {}
    if len(found) != 2:
        raise ValueUnknown(_("One of the two entries is there no longer."), fields=["to"])
    swap = Replacement(found[arguments["previous"]], found[arguments["to"]])
    return operations.replace_entries(ids, replacement=swap, by=by, check_only=check_only)


def recount(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    """Let the clocks of the cases go on in the hours of today."""
    return operations.recount_clocks(ids, by=by, check_only=check_only)


def rerank(ids: list[int], arguments: Mapping[str, Any], by: Actor, check_only: bool) -> Outcome:
    """Give the cases the rank of their priority."""
    return operations.rerank_cases(ids, by=by, check_only=check_only)
