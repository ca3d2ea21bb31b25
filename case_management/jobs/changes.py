"""Runs wide changes that are due, or helps with them; what a killed worker left is taken up when its lease is over."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from case_management.bulk.run import help_change, purge_rows, run_change
from case_management.jobs.transfers import help_others, run_one
from case_management.models import ChangeSet


def run_changes(now: datetime | None = None) -> int:
    """Run one due change, or help who runs one; forget old rows when there is none. Returns how many there were."""
    now = now or timezone.now()
    ran = run_one(ChangeSet, run_change, now) or help_others(help_change, now)
    if not ran:
        purge_rows(now)
    return ran
