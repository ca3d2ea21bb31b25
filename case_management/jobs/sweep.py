"""The sweep: what time alone makes due – missed deadlines, cases to close, keys to forget – found by index."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from case_management import conf
from case_management.domain.actor import Actor
from case_management.models import Case, Heartbeat, IdempotencyKey, ReactionReceipt, Settings
from case_management.models.due import DueState
from case_management.operations import close_cases, record_breaches

BY = Actor.system("sweep")
#: Stamped receipts are kept so long, for whoever asks what happened.
KEEP_RECEIPTS = timedelta(days=30)


def run_sweep() -> int:
    """One round; returns how many cases were touched (0: the queue of due cases is empty)."""
    now = timezone.now()
    touched = _breaches(now) + _closings(now)
    if not touched:
        _forget(now)
    Heartbeat.beat("sweep", now)
    return touched


def _breaches(now: datetime) -> int:
    overdue = Case.objects.overdue(now).filter(breached_at=None).order_by("due_at", "pk")
    return len(record_breaches(list(overdue.values_list("pk", flat=True)[: conf.chunk_size()]), by=BY).done)


def _closings(now: datetime) -> int:
    before = now - timedelta(days=Settings.load().close_after_days)
    settled = Case.objects.filter(status="resolved", resolved_at__lt=before).order_by("resolved_at", "pk")
    return len(close_cases(list(settled.values_list("pk", flat=True)[: conf.chunk_size()]), by=BY).done)


def _forget(now: datetime) -> None:
    IdempotencyKey.objects.filter(created_at__lt=now - timedelta(days=conf.idempotency_days())).delete()
    old = ReactionReceipt.objects.filter(state=DueState.DONE, available_at__lt=now - KEEP_RECEIPTS)
    ReactionReceipt.objects.filter(pk__in=list(old.values_list("pk", flat=True)[: conf.chunk_size()])).delete()
