"""Assign waiting cases: those that nobody could take go to the first who can, the most pressing first."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from case_management import conf
from case_management.assignment import Chain
from case_management.domain.actor import Actor
from case_management.models import AssignmentChain, Case, WaitingCase
from case_management.operations.assign_by_chain import assign_by_chain

#: So many chunks of each chain are looked at in one round.
MOST_CHUNKS = 10


def assign_waiting(*, by: Actor) -> int:
    """One round over the queues of all chains; returns how many cases were given to somebody.

    Safe to run twice and by several workers at once: each takes other cases, and they choose one after the other.
    """
    return sum(_drain(chain, by) for chain in AssignmentChain.objects.filter(waiting_cases__isnull=False).distinct())


def _drain(chain: AssignmentChain, by: Actor) -> int:
    seen: set[int] = set()
    given = 0
    for _ in range(MOST_CHUNKS):
        looked_at, assigned = _chunk(chain, seen, by)
        seen |= looked_at
        given += assigned
        if len(looked_at) < conf.chunk_size():
            break
    return given


@transaction.atomic
def _chunk(chain: AssignmentChain, seen: Collection[int], by: Actor) -> tuple[set[int], int]:
    """Ids of the cases that were looked at, and how many of them somebody has now."""
    waiting = Case.objects.filter(waiting_for_assignee__chain=chain).exclude(pk__in=seen)
    ordered = waiting.order_by("priority_rank", "waiting_for_assignee__since", "pk")
    # A case that somebody works on just now is left alone, so that nobody waits for anybody.
    free = ordered.select_for_update(skip_locked=True, of=("self",))
    taken = list(free.values_list("pk", flat=True)[: conf.chunk_size()])
    if not taken:
        return set(), 0
    found = assign_by_chain(taken, chain=Chain.of(chain, by.moment()), by=by)
    # What was not asked about needs nobody any more: somebody has the case, or it is done.
    WaitingCase.objects.filter(case__in=set(taken) - found.choices.keys()).delete()
    return set(taken), len(found.outcome.done)
