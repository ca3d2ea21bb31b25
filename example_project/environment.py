"""What the example site reads from the environment, and the defaults when nothing is set."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.management.utils import get_random_secret_key

ROOT = Path(__file__).resolve().parent.parent
#: Everything that the example site writes: database, uploads, mail, keys. Never committed.
STATE = Path(os.environ.get("DEMO_DIR", ROOT / ".demo"))

#: WAL lets readers go on while one process writes; IMMEDIATE takes the write lock at the start of a
#: transaction, so that two writers queue up instead of failing half-way.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def make_state() -> Path:
    """The state directory; it holds personal data and keys, so it is closed to other accounts."""
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    return STATE


def text(name: str, default: str = "") -> str:
    """The variable's text; an empty variable counts as not set."""
    return os.environ.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """Whether the variable says yes (1, true, yes, on)."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """The variable's comma-separated words."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database() -> dict[str, Any]:
    """Django's DATABASES entry for DATABASE_URL (default: SQLite in the state directory)."""
    if url := text("DATABASE_URL"):
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    else:
        config = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(make_state() / "db.sqlite3")}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        return {**config, "OPTIONS": SQLITE_OPTIONS | config.get("OPTIONS", {})}
    return {**config, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def queue(url: str) -> dict[str, Any]:
    """One RQ_QUEUES entry; JSON, because a pickle from Redis could run code in the worker."""
    return {"URL": url, "SERIALIZER": "json", "DEFAULT_TIMEOUT": 300, "DEFAULT_RESULT_TTL": 500}


def mail() -> dict[str, Any]:
    """Mail settings: SMTP when EMAIL_HOST is set, else one file per message for the reader of the demo."""
    if not text("EMAIL_HOST"):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(STATE / "mail")}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": text("EMAIL_HOST"),
        "EMAIL_PORT": int(text("EMAIL_PORT", "25")),
        "EMAIL_HOST_USER": text("EMAIL_HOST_USER"),
        "EMAIL_HOST_PASSWORD": text("EMAIL_HOST_PASSWORD"),
        "EMAIL_USE_TLS": flag("EMAIL_USE_TLS"),
        "EMAIL_TIMEOUT": 20,
    }


def https() -> dict[str, Any]:
    """Settings for a site behind TLS; HTTPS=1 turns them on, plain HTTP on this machine needs them off."""
    if not flag("HTTPS"):
        return {}
    return {
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_HSTS_PRELOAD": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
    }


def case_management(base_url: str) -> dict[str, Any]:
    """The CASE_MANAGEMENT setting; a JSON object in CASE_MANAGEMENT overrides single keys."""
    return {"BASE_URL": base_url, **json.loads(text("CASE_MANAGEMENT", "{}"))}


def secret_key() -> str:
    """SECRET_KEY, or a random one kept in the state directory, so that no key stands in the repository."""
    if key := text("SECRET_KEY"):
        return key
    path = make_state() / "secret_key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    return path.read_text()
