"""Drain a topic: do what is due for it, batch by batch, until nothing is or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import close_old_connections

from case_management import background
from case_management.domain.actor import Actor
from case_management.jobs import react, sweep
from case_management.jobs.changes import run_changes
from case_management.jobs.custom_indexes import build_custom_indexes
from case_management.jobs.transfers import run_transfers
from case_management.jobs.trials import run_trials
from case_management.notifications.customer_mail import deliver_messages
from case_management.notifications.delivery import deliver_due
from case_management.operations import assign_waiting
from case_management.rules.engine import run_interactions

#: Topic → one batch of its work; returns how much was done, 0 when nothing is due.
WORK: dict[str, Callable[[], int]] = {
    "interactions": run_interactions,
    "reactions": react.run_reactions,
    "notifications": deliver_due,
    "messages": deliver_messages,
    "transfers": lambda: run_transfers() + build_custom_indexes(),
    "changes": lambda: run_changes() + run_trials(),
    "assignments": lambda: assign_waiting(by=Actor.system("assignments")),
    "sweep": sweep.run_sweep,
}
#: A job stops after so many seconds and asks for another, so that queues stay fair and deploys stay quick.
BUDGET = 120


def drain(topic: str) -> int:
    """The entry point of every queued job: returns how much was done."""
    close_old_connections()
    background.answered(topic)
    deadline = time.monotonic() + BUDGET
    done = drain_until(topic, deadline)
    if time.monotonic() > deadline:
        background.wake(topic)
    return done


def drain_until(topic: str, deadline: float) -> int:
    """Work until nothing is due or ``deadline`` (monotonic seconds) has passed."""
    done = 0
    while batch := WORK[topic]():
        done += batch
        if time.monotonic() > deadline:
            break
    return done


def drain_all() -> int:
    """One round over every topic in this process, for operators without workers and for tests."""
    return sum(drain_until(topic, time.monotonic() + BUDGET) for topic in WORK)
