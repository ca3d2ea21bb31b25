"""One typed, documented function per setting; all read ``settings.CASE_MANAGEMENT`` at call time.

What an administrator changes in the admin lives in the ``Settings`` model; here is what a host's developer decides.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from django.apps import apps
from django.conf import settings

T = TypeVar("T")

#: Every key that CASE_MANAGEMENT may hold; the system check names any other.
KEYS = frozenset(
    {
        "ADMIN", "ATTACHMENT_MB", "BACKGROUND", "BASE_URL", "BULK_INLINE", "CHUNK_SIZE", "DELIVERY_ATTEMPTS",
        "EMAIL_FROM", "EMAIL_TIMEOUT", "EXPLAIN_DAYS", "EXPORT_LINK_HOURS", "IDEMPOTENCY_DAYS", "LEASE_SECONDS",
        "LIST_COUNT_CAP", "PAGE_SIZE", "QUEUES", "REPLY_DOMAIN", "REPLY_KEY", "REPORTS_DATABASE",
        "RESPONSES_LOCKED", "RETRY_BASE_SECONDS", "SEND_UNDO_SECONDS", "SWEEP_SECONDS", "TIMELINE_KEY",
        "TRANSFER_STORAGE", "UNDO_DAYS", "WEBHOOKS", "WEBHOOK_TIMEOUT",
    }
)  # fmt: skip

#: What each topic of background work runs on; every queue gets one worker process.
DEFAULT_QUEUES = {
    "reactions": "cm_events",
    "interactions": "cm_rules",
    "sweep": "cm_sla",
    "assignments": "cm_rules",
    "notifications": "cm_notify",
    "messages": "cm_mail",
    "transfers": "cm_reports",
    "changes": "cm_bulk",
}


def _get(key: str, default: T) -> T:
    values: dict[str, Any] = getattr(settings, "CASE_MANAGEMENT", {})
    value: T = values.get(key, default)
    return value


def admin_door() -> str:
    """Which admin deep links lead to: ``"wagtail"`` or ``"django"`` (default: Wagtail when its door is installed)."""
    default = "wagtail" if apps.is_installed("case_management.ui.wagtail") else "django"
    return _get("ADMIN", default)


def attachment_bytes() -> int:
    """Bytes that one attachment, and all attachments of one message together, may have (ATTACHMENT_MB: 20)."""
    return int(_get("ATTACHMENT_MB", 20) * 1024 * 1024)


def background() -> str:
    """``"rq"`` wakes RQ workers; ``"manual"`` leaves due work to ``run_due_jobs`` (default: rq when installed)."""
    return _get("BACKGROUND", "rq" if apps.is_installed("django_rq") else "manual")


def base_url() -> str:
    """Scheme and host for links in mail, without a trailing slash."""
    fallback = getattr(settings, "WAGTAILADMIN_BASE_URL", "http://localhost:8000")
    return _get("BASE_URL", fallback).rstrip("/")


def bulk_inline() -> int:
    """Rows up to which a wide change runs in the request; above, a worker runs it and the page shows how far it is."""
    return _get("BULK_INLINE", 100)


def chunk_size() -> int:
    """Rows per set-based step (1,000–2,000 measured best)."""
    return _get("CHUNK_SIZE", 2000)


def delivery_attempts() -> int:
    """Attempts after which a notification, reaction or job is a dead letter (30: about a day)."""
    return _get("DELIVERY_ATTEMPTS", 30)


def email_from() -> str:
    """Sender of notification mail (default: DEFAULT_FROM_EMAIL)."""
    return _get("EMAIL_FROM", str(settings.DEFAULT_FROM_EMAIL))


def email_timeout() -> int:
    """Seconds that one step of an SMTP dialogue may take; keep it below LEASE_SECONDS."""
    return _get("EMAIL_TIMEOUT", 10)


def explain_days() -> int:
    """Days for which is kept what each rule answered about a case, and what it saw (90)."""
    return _get("EXPLAIN_DAYS", 90)


def export_link_hours() -> int:
    """Hours that the download link of an export stays valid."""
    return _get("EXPORT_LINK_HOURS", 72)


def idempotency_days() -> int:
    """Days that an Idempotency-Key and its reply are kept."""
    return _get("IDEMPOTENCY_DAYS", 30)


def lease() -> timedelta:
    """How long a worker owns a claimed row before another may take it."""
    return timedelta(seconds=_get("LEASE_SECONDS", 30))


def list_count_cap() -> int:
    """Above this many rows lists say "10,000+" instead of counting."""
    return _get("LIST_COUNT_CAP", 10_000)


def page_size() -> int:
    """Cases per page of the list."""
    return _get("PAGE_SIZE", 25)


def queues() -> dict[str, str]:
    """Topic → RQ queue name."""
    return {**DEFAULT_QUEUES, **_get("QUEUES", {})}


def reply_domain() -> str:
    """Domain whose mail reaches the intake: answers go there, to addresses that nobody can guess (default: none)."""
    return _get("REPLY_DOMAIN", "")


def reply_key() -> bytes:
    """Secret of reply addresses (default: derived from SECRET_KEY; set it so that SECRET_KEY can rotate)."""
    return _get("REPLY_KEY", f"case_management.reply:{settings.SECRET_KEY}").encode()


def reports_database() -> str:
    """Alias that dashboards and exports read from (a replica, when there is one)."""
    return _get("REPORTS_DATABASE", "default")


def responses_locked() -> bool:
    """Whether agents may not edit scripted responses at all, only answer their prompts (default: locked parts only)."""
    return _get("RESPONSES_LOCKED", False)


def retry_base() -> timedelta:
    """First pause before a retry; it doubles with each attempt up to one hour."""
    return timedelta(seconds=_get("RETRY_BASE_SECONDS", 5))


def send_undo() -> timedelta:
    """How long a message to a customer can be taken back before it leaves (SEND_UNDO_SECONDS: 15)."""
    return timedelta(seconds=_get("SEND_UNDO_SECONDS", 15))


def sweep_interval() -> int:
    """Seconds between two looks at what is due; promises of "within 60 s" need 20 or less."""
    return _get("SWEEP_SECONDS", 15)


def timeline_key() -> bytes:
    """Secret of the timeline's hash chain (default: derived from SECRET_KEY; set it so that SECRET_KEY can rotate)."""
    return _get("TIMELINE_KEY", f"case_management.timeline:{settings.SECRET_KEY}").encode()


def transfer_storage() -> str:
    """Alias in STORAGES that holds uploads and exports; never served by MEDIA_URL (see the install guide)."""
    return _get("TRANSFER_STORAGE", "case_management_transfers")


def undo_days() -> int:
    """Days for which a wide change can be taken back."""
    return _get("UNDO_DAYS", 7)


class Endpoint(NamedTuple):
    """Where a webhook goes, and the secrets that sign it: ``whsec_`` and base64; two while one is exchanged."""

    url: str
    secrets: list[str]


def webhooks() -> dict[str, Endpoint]:
    """Endpoints that rules may call by name: ``{"crm": {"url": "https://…", "secrets": ["whsec_…"]}}`` (none)."""
    known: dict[str, dict[str, Any]] = _get("WEBHOOKS", {})
    return {name: Endpoint(given["url"], list(given["secrets"])) for name, given in known.items()}


def webhook_timeout() -> int:
    """Seconds after which an endpoint counts as silent (10); keep it below LEASE_SECONDS."""
    return _get("WEBHOOK_TIMEOUT", 10)
