"""Answers a request once: the first reply to a key is kept and given again, byte by byte, until the key expires.

The key, what the request does and the reply are one transaction. A crash therefore leaves all or nothing, a request
that failed leaves no trace, and a key never stays "being worked on" after its process is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connections, router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from case_management import conf
from case_management.exceptions import KeyReused
from case_management.intake.errors import RequestInFlight
from case_management.intake.response import digest
from case_management.models import IdempotencyKey

KEY_CHARACTERS = 255
#: Milliseconds that a repeated request waits for the first one before it is told to come again.
PATIENCE = 2000
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door answers: the HTTP status and the body as text; ``replayed`` if it was given before."""

    status: int
    body: str
    replayed: bool = False


def once(user: Any, key: str, asked: Any, answer: Callable[[], Reply]) -> Reply:
    """The reply to ``asked`` (as parsed JSON) under this key of the user: the kept one, else that of ``answer``.

    Raises KeyReused when the key was used for something else, RequestInFlight when the first request with this key
    takes longer than ``PATIENCE``, and what ``answer`` raises; then the key is free again.
    """
    asked_digest = digest(asked)
    with transaction.atomic(using=router.db_for_write(IdempotencyKey)):
        kept = _kept(user, key) or _claimed(user, key, asked_digest)
        if kept.request_digest != asked_digest:
            raise KeyReused(
                _("The key “%s” was used for another request. Send what was sent first, or use a new key.") % key
            )
        if kept.status is not None:
            return Reply(kept.status, kept.body, replayed=True)
        reply = answer()
        IdempotencyKey.objects.filter(pk=kept.pk).update(status=reply.status, body=reply.body)
    return reply


def forget_expired(now: datetime) -> int:
    """Delete keys older than ``IDEMPOTENCY_DAYS``; returns how many. For the sweep."""
    count, _per_model = IdempotencyKey.objects.filter(created_at__lt=_oldest_kept(now)).delete()
    return count


def _oldest_kept(now: datetime) -> datetime:
    return now - timedelta(days=conf.idempotency_days())


def _kept(user: Any, key: str) -> IdempotencyKey | None:
    """The key's row; one that has expired is forgotten here, so that the key is free at the promised time."""
    row = IdempotencyKey.objects.filter(user=user, key=key).first()
    if row is not None and row.created_at < _oldest_kept(timezone.now()):
        row.delete()
        return None
    return row


def _claimed(user: Any, key: str, asked_digest: str) -> IdempotencyKey:
    """A new row; or, where another request was quicker, that request's row with its reply."""
    try:
        with _impatient(), transaction.atomic():
            return IdempotencyKey.objects.create(user=user, key=key, request_digest=asked_digest)
    except IntegrityError:
        kept = _kept(user, key)
    if kept is None:
        raise RequestInFlight
    return kept


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for another transaction's row no longer than ``PATIENCE`` (SQLite lets only one transaction in anyway)."""
    connection = connections[router.db_for_write(IdempotencyKey)]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE}ms"])
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise RequestInFlight from None
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
