"""Work that waits in a table: unique, claimed by a lease, retried with growing pauses, dead after N attempts.

The database holds the to-do list; the queue only says "look now".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import connections, models, router, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management import conf

M = TypeVar("M", bound="DueWork")


class DueState(models.TextChoices):
    """Where a piece of work stands."""

    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    DEAD = "dead", _("Failed for good")
    SUPPRESSED = "suppressed", _("Suppressed")
    CANCELLED = "cancelled", _("Cancelled")


class DueQuerySet(models.QuerySet[M]):
    """What is due, and who owns it."""

    def due(self, now: datetime) -> Self:
        """Pending, its time has come and nobody holds a lease; oldest first."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.filter(free, state=DueState.PENDING, available_at__lte=now).order_by("available_at", "pk")

    def dead(self) -> Self:
        """What needs a person."""
        return self.filter(state=DueState.DEAD)

    def claim(self, now: datetime, limit: int) -> list[M]:
        """Take up to ``limit`` due rows for the length of a lease; no two workers get the same row."""
        alias = router.db_for_write(self.model)
        with transaction.atomic(using=alias):
            due = self.using(alias).due(now)
            if can_lock(self.model):
                due = due.select_for_update(skip_locked=True, of=("self",))
            rows = list(due[:limit])
            self.using(alias).filter(pk__in=[row.pk for row in rows]).update(
                lease_until=now + conf.lease(), attempts=models.F("attempts") + 1
            )
        for row in rows:
            row.attempts += 1
        return rows

    def finish(self, rows: list[M], state: DueState = DueState.DONE) -> None:
        """Stamp rows as settled."""
        self.filter(pk__in=[row.pk for row in rows]).update(state=state, lease_until=None, last_error="")

    def release(self, rows: list[M]) -> None:
        """Give back what was claimed but not begun."""
        self.filter(pk__in=[row.pk for row in rows]).update(lease_until=None, attempts=models.F("attempts") - 1)


class DueWork(models.Model):
    """Abstract: a row that is also a task."""

    state = models.CharField(
        _("state"), max_length=12, choices=DueState.choices, default=DueState.PENDING, editable=False
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    available_at = models.DateTimeField(_("due from"), editable=False)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def postpone(self, error: str, now: datetime) -> None:
        """Record a failure: a later attempt, or a dead letter after the last one."""
        dead = self.attempts >= conf.delivery_attempts()
        self.state = DueState.DEAD if dead else DueState.PENDING
        self.last_error, self.lease_until = error[:2000], None
        self.available_at = now + pause_after(self.attempts)
        self.save(update_fields=["state", "last_error", "lease_until", "available_at"])

    def bury(self, error: str) -> None:
        """Record a failure that no retry can mend."""
        self.state, self.last_error, self.lease_until = DueState.DEAD, error[:2000], None
        self.save(update_fields=["state", "last_error", "lease_until"])


class LeaseLost(Exception):
    """Another worker has taken the work over; what this one did must not count."""


def update_mine(job: Any, **values: Any) -> None:
    """Write to the row of work that this worker has claimed. Raises LeaseLost when it is no longer the holder."""
    mine = type(job).objects.filter(pk=job.pk, state=DueState.PENDING, attempts=job.attempts)
    if not mine.update(**values):
        raise LeaseLost
    for name, value in values.items():
        setattr(job, name, value)


def can_lock(model: Any) -> bool:
    """Whether several workers can share what is in the table: each locks what it takes, the others pass over it."""
    return bool(connections[router.db_for_write(model)].features.has_select_for_update_skip_locked)


def locked(rows: Any, *, skip_locked: bool = False) -> Any:
    """The rows, locked until the transaction ends where the database locks rows; for use in a transaction only."""
    return rows.select_for_update(skip_locked=skip_locked) if can_lock(rows.model) else rows


def pause_after(attempts: int) -> timedelta:
    """Doubling pause with a cap of one hour: 5 s, 10 s, 20 s …"""
    doublings = min(max(attempts - 1, 0), 16)
    return min(conf.retry_base() * (1 << doublings), timedelta(hours=1))


def due_index(name: str) -> models.Index:
    """The partial index that keeps "what is due?" constant in cost however long the history is."""
    return models.Index(fields=["available_at", "id"], name=name, condition=Q(state=DueState.PENDING.value))


def due_fields(now: datetime) -> dict[str, Any]:
    """Initial values of a task that is due at once."""
    return {"state": DueState.PENDING, "available_at": now}
