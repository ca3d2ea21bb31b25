"""Merge an entry of a list into another one on the cases that carry it; what happened before keeps its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import EntryReplaced, Event, PriorityChanged, TagsChanged
from case_management.exceptions import InvalidConfiguration, NothingToChange
from case_management.models import (
    Case,
    CaseTag,
    CaseType,
    CloseChannel,
    ClosureReason,
    Priority,
    ReopenReason,
    ResolutionMethod,
    Tag,
    Topic,
)
from case_management.models.among import among
from case_management.operations.applying import Decide, Outcome, apply_to_each, without_reading
from case_management.operations.gate import checked_choice

#: Lists whose entries can be merged → the fact of a case that points to them. A source cannot: with the external id it
#: is how a file that is imported again finds its cases.
FACT_OF: dict[Any, str] = {
    Topic: "topic_id",
    CaseType: "case_type_id",
    Priority: "priority_id",
    ClosureReason: "closure_reason_id",
    ReopenReason: "reopen_reason_id",
    ResolutionMethod: "resolution_method_id",
    CloseChannel: "close_channel_id",
    Tag: "tags",
}


@dataclass(frozen=True)
class Replacement:
    """``previous`` gives way to ``to``; two entries of one list of :data:`FACT_OF`."""

    previous: Any
    to: Any

    @property
    def fact(self) -> str:
        """The fact of a case that changes. Raises InvalidConfiguration for lists whose entries cannot be merged."""
        fact = FACT_OF.get(type(self.previous))
        if fact is None or type(self.to) is not type(self.previous) or self.to.pk == self.previous.pk:
            raise InvalidConfiguration(_("Choose two different entries of one list whose entries can be merged."))
        return fact

    def cases(self) -> Any:
        """Every case that carries ``previous``, open or not."""
        return Case.objects.filter(**{self.fact: self.previous.pk})


def replace_entries(cases: Any, *, replacement: Replacement, by: Actor, check_only: bool = False) -> Outcome:
    """Let ``cases`` carry the other entry; those that do not carry the first one are refused.

    Closed cases change too, since the entry is the same matter under another name; deadlines stay as they are.
    Raises ValueUnknown when the other entry is no longer offered.
    """
    checked_choice(replacement.to, replacement.fact.removesuffix("_id"))
    plan = _retagged(replacement) if replacement.fact == "tags" else without_reading(_pointed(replacement))
    return apply_to_each("replace_entry", cases, plan, by=by, check_only=check_only)


def _pointed(replacement: Replacement) -> Decide:
    fact, previous, to = replacement.fact, replacement.previous, replacement.to

    def decide(case: Case) -> list[Event]:
        if getattr(case, fact) != previous.pk:
            raise NothingToChange(_("The case does not carry “%s” any more.") % previous)
        replaced: list[Event] = [EntryReplaced(name=fact, to=to.pk, previous=previous.pk)]
        if fact == "priority_id" and case.priority_rank != to.rank:
            replaced.append(PriorityChanged(to=to.pk, rank=to.rank))
        return replaced

    return decide


def _retagged(replacement: Replacement) -> Callable[[list[int]], Decide]:
    previous, to = replacement.previous, replacement.to

    def plan(case_ids: list[int]) -> Decide:
        rows = CaseTag.objects.filter(case_id__in=among(CaseTag, case_ids), tag_id__in=[previous.pk, to.pk])
        present = set(rows.values_list("case_id", "tag_id"))

        def decide(case: Case) -> list[Event]:
            if (case.pk, previous.pk) not in present:
                raise NothingToChange(_("The case does not carry “%s” any more.") % previous)
            added = () if (case.pk, to.pk) in present else (to.pk,)
            return [TagsChanged(added=added, removed=(previous.pk,))]

        return decide

    return plan


def misranked() -> Any:
    """Open cases whose rank is not that of their priority any more, because the priority was given another rank."""
    return Case.objects.open().filter(priority__isnull=False).exclude(priority_rank=F("priority__rank"))


def rerank_cases(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Give open cases the rank that their priority has now; deadlines stay as they are."""
    ranks = dict(Priority.objects.values_list("pk", "rank"))

    def decide(case: Case) -> list[Event]:
        priority = case.priority_id
        if priority is None or ranks[priority] == case.priority_rank:
            raise NothingToChange(_("The case has the rank of its priority already."))
        return [PriorityChanged(to=priority, rank=ranks[priority])]

    return apply_to_each("change_priority", cases, without_reading(decide), by=by, check_only=check_only)
