"""Fences a transfer: only the worker that holds the job writes to its row, so a takeover undoes what another did."""

from __future__ import annotations

from typing import Any

from case_management.models.due import DueState


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one did must not count."""


def update_mine(job: Any, **values: Any) -> None:
    """Write to the row of a job that this worker has claimed. Raises LeaseLost when it is no longer the holder."""
    mine = type(job).objects.filter(pk=job.pk, state=DueState.PENDING, attempts=job.attempts)
    if not mine.update(**values):
        raise LeaseLost
    for name, value in values.items():
        setattr(job, name, value)
