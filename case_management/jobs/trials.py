"""Runs trials that are due, or helps with them; what a killed worker left is taken up again when its lease is over."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from case_management.jobs.transfers import help_others, run_one
from case_management.models import Backtest
from case_management.trying.kept import help_trials, purge_trials, run_trial
from case_management.trying.shadow import purge_shadows


def run_trials(now: datetime | None = None) -> int:
    """Run one due trial, or help who runs one; forget an old one when there is none. Returns how many there were."""
    now = now or timezone.now()
    ran = run_one(Backtest, run_trial, now) or help_others(help_trials, now)
    if not ran:
        purge_trials(now)
        purge_shadows(now)
    return ran
