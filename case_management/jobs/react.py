"""Reactions: claim receipts, let each reactor answer its events, stamp the receipts with the effects."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from case_management.models import ReactionReceipt
from case_management.timeline.reactions import reactors

logger = logging.getLogger(__name__)

BATCH = 500


def run_reactions(limit: int = BATCH) -> int:
    """One batch; returns how many receipts were claimed."""
    claimed = ReactionReceipt.objects.select_related("event").claim(timezone.now(), limit)
    for name in reactors:
        owed = [receipt for receipt in claimed if receipt.reactor == name]
        if owed:
            _answer(name, owed)
    for receipt in claimed:
        if receipt.reactor not in reactors:
            receipt.bury(f'No reactor is registered as "{receipt.reactor}"; register it or delete the receipt.')
    return len(claimed)


def _answer(name: str, receipts: list[ReactionReceipt]) -> None:
    """Effects and stamps in one transaction; where a batch fails, one by one, so that one cannot stop the rest."""
    try:
        with transaction.atomic():
            reactors.get(name).react([receipt.event for receipt in receipts])
            ReactionReceipt.objects.finish(receipts)
    except Exception as error:
        logger.exception("Reactor %s failed on %s events.", name, len(receipts))
        if len(receipts) == 1:
            receipts[0].postpone(f"{type(error).__name__}: {error}", timezone.now())
            return
        for receipt in receipts:
            _answer(name, [receipt])
