"""The sweep: what time alone makes due – missed deadlines, marks of clocks, cases to close – found by index."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from case_management import conf
from case_management.domain.actor import Actor
from case_management.intake.replies import forget_expired
from case_management.models import (
    AssignmentDecision,
    Case,
    Draft,
    Heartbeat,
    Notification,
    Presence,
    ReactionReceipt,
    Settings,
    SlaClock,
)
from case_management.models.among import among
from case_management.models.due import DueState
from case_management.operations import close_cases, record_breaches, record_marks, wake_cases
from case_management.operations.keep_file import forget_unsent
from case_management.rules.asked import forget_asked
from case_management.rules.due import run_due

BY = Actor.system("sweep")
#: Stamped receipts are kept so long, for whoever asks what happened.
KEEP_RECEIPTS = timedelta(days=30)
#: Why a case was given to whom is kept so long.
KEEP_DECISIONS = timedelta(days=365)
#: What was typed and never sent is kept so long; presences are over after half a minute.
KEEP_DRAFTS, KEEP_PRESENCES = timedelta(days=30), timedelta(minutes=10)


def run_sweep() -> int:
    """One round; returns how many cases were touched (0: the queue of due cases is empty)."""
    now = timezone.now()
    touched = _breaches(now) + _marks(now) + _closings(now) + _wakings(now) + run_due(now)
    if not touched:
        _forget(now)
    Heartbeat.beat("sweep", now)
    return touched


def _breaches(now: datetime) -> int:
    overdue = Case.objects.overdue(now).filter(breached_at=None).order_by("due_at", "pk")
    return len(record_breaches(list(overdue.values_list("pk", flat=True)[: conf.chunk_size()]), by=BY).done)


def _marks(now: datetime) -> int:
    due = SlaClock.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    return len(record_marks(set(due.values_list("case_id", flat=True)[: conf.chunk_size()]), by=BY).done)


def _closings(now: datetime) -> int:
    before = now - timedelta(days=Settings.load().close_after_days)
    settled = Case.objects.filter(status="resolved", resolved_at__lt=before).order_by("resolved_at", "pk")
    return len(close_cases(list(settled.values_list("pk", flat=True)[: conf.chunk_size()]), by=BY).done)


def _wakings(now: datetime) -> int:
    snoozed = Case.objects.filter(snoozed_until__lte=now).order_by("snoozed_until", "pk")
    return len(wake_cases(list(snoozed.values_list("pk", flat=True)[: conf.chunk_size()]), by=BY).done)


def _forget(now: datetime) -> None:
    forget_expired(now)
    forget_unsent(now, conf.chunk_size())
    explained_since = now - timedelta(days=conf.explain_days())
    forget_asked(explained_since, conf.chunk_size())
    spared = Notification.objects.filter(state=DueState.SUPPRESSED, created_at__lt=explained_since)
    _delete_some(spared.order_by("created_at"))
    Presence.objects.filter(seen_at__lt=now - KEEP_PRESENCES).delete()
    Draft.objects.filter(saved_at__lt=now - KEEP_DRAFTS).delete()
    AssignmentDecision.objects.filter(decided_at__lt=now - KEEP_DECISIONS).delete()
    _delete_some(ReactionReceipt.objects.filter(state=DueState.DONE, available_at__lt=now - KEEP_RECEIPTS))


def _delete_some(old: Any) -> None:
    """A chunk of it; the next round goes on."""
    model = old.model
    model.objects.filter(pk__in=among(model, list(old.values_list("pk", flat=True)[: conf.chunk_size()]))).delete()
