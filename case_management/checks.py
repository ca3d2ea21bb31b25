"""Start-up truths: what in the host's settings cannot work, named by ``check`` before a customer meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from case_management import conf
from case_management.filters.search import checking  # noqa: F401 - it registers W005 and W006
from case_management.notifications.channels import checking as _webhooks  # noqa: F401 - it registers E012

Found = Iterator[checks.CheckMessage]

#: What each key of CASE_MANAGEMENT must be: a type, or the values to choose from. Numbers must be positive.
SHAPES: dict[str, type | tuple[Any, ...]] = {
    "ADMIN": ("wagtail", "django"), "BACKGROUND": ("rq", "manual"), "RESPONSES_LOCKED": (True, False),
    **dict.fromkeys(["QUEUES", "WEBHOOKS"], dict),
    **dict.fromkeys(["BASE_URL", "EMAIL_FROM", "REPLY_DOMAIN", "REPLY_KEY", "REPORTS_DATABASE", "TIMELINE_KEY",
        "TRANSFER_STORAGE"], str),
    **dict.fromkeys(["ATTACHMENT_MB", "BULK_INLINE", "CHUNK_SIZE", "DELIVERY_ATTEMPTS", "EMAIL_TIMEOUT",
        "EXPLAIN_DAYS", "EXPORT_LINK_HOURS", "IDEMPOTENCY_DAYS", "LEASE_SECONDS", "LIST_COUNT_CAP", "PAGE_SIZE",
        "RETRY_BASE_SECONDS", "SEND_UNDO_SECONDS", "SWEEP_SECONDS", "UNDO_DAYS", "WEBHOOK_TIMEOUT"], int),
}  # fmt: skip
#: Our doors by the name that ADMIN gives them, and the app that each one opens into.
_WAGTAIL, _DJANGO = "case_management.ui.wagtail", "case_management.ui.django_admin"
UNSENT = "case_management.ui.unsent.UnsentTextMiddleware"
DOORS = {"wagtail": (_WAGTAIL, "wagtail.admin"), "django": (_DJANGO, "django.contrib.admin")}


def _say(code: str, message: str, hint: str) -> checks.CheckMessage:
    kind = {"E": checks.Error, "W": checks.Warning, "I": checks.Info}[code[0]]
    return kind(message, hint=hint, id=f"case_management.{code}")


def _check(find: Callable[[], Found]) -> Callable[..., list[checks.CheckMessage]]:
    return checks.register(lambda **kwargs: list(find()), "case_management")


@_check
def check_keys() -> Found:
    """E001 to E003: CASE_MANAGEMENT holds known keys with usable values."""
    values = getattr(settings, "CASE_MANAGEMENT", {})
    if not isinstance(values, dict):
        yield _say("E001", "CASE_MANAGEMENT is not a dictionary.", 'Write CASE_MANAGEMENT = {"BASE_URL": ...}.')
    for key, value in values.items() if isinstance(values, dict) else ():
        if key not in conf.KEYS:
            near = get_close_matches(str(key).upper(), conf.KEYS, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(sorted(conf.KEYS))}."
            yield _say("E002", f'CASE_MANAGEMENT has an unknown key "{key}".', hint)
        elif not _fits(key, value):
            yield _say("E003", f'CASE_MANAGEMENT["{key}"] is {value!r}.', f"It must be {_wanted(key)}.")


def _fits(key: str, value: Any) -> bool:
    shape = SHAPES.get(key, object)
    if isinstance(shape, tuple):
        return value in shape
    if key == "QUEUES" and isinstance(value, dict):
        return value.keys() <= conf.DEFAULT_QUEUES.keys() and all(isinstance(n, str) for n in value.values())
    return isinstance(value, shape) and (not isinstance(value, int) or (value is not True and value > 0))


def _wanted(key: str) -> str:
    shape = SHAPES[key]
    if isinstance(shape, tuple):
        return " or ".join(f'"{choice}"' for choice in shape)
    if key == "WEBHOOKS":
        return "endpoints by name"
    return {int: "a whole number above 0", str: "a text", dict: f"queue names for {[*conf.DEFAULT_QUEUES]}"}[shape]


def _usable(*keys: str) -> bool:
    """Whether these settings can be read at all; check_keys names those that cannot."""
    values = getattr(settings, "CASE_MANAGEMENT", {})
    return isinstance(values, dict) and all(_fits(key, values[key]) for key in keys if key in values)


@_check
def check_queues() -> Found:
    """E004 to E006: the queue of each topic is configured, and speaks JSON."""
    if not _usable("BACKGROUND", "QUEUES") or conf.background() != "rq":
        return
    if not apps.is_installed("django_rq"):
        hint = 'Add "django_rq" to INSTALLED_APPS, or set BACKGROUND to "manual" and run run_due_jobs.'
        yield _say("E004", 'CASE_MANAGEMENT["BACKGROUND"] is "rq", but django_rq is not installed.', hint)
        return
    known: dict[str, Any] = getattr(settings, "RQ_QUEUES", {})
    for topic, name in conf.queues().items():
        serializer = known.get(name, {}).get("SERIALIZER")
        if name not in known:
            hint = f'Add "{name}" to RQ_QUEUES, or name another queue for "{topic}" in QUEUES.'
            yield _say("E005", f'The queue "{name}" of the topic "{topic}" is not in RQ_QUEUES.', hint)
        elif "json" not in str(getattr(serializer, "__name__", serializer)).lower():
            hint = 'Set "SERIALIZER": "json": our jobs are JSON, and a pickle from Redis could run code.'
            yield _say("E006", f'The queue "{name}" in RQ_QUEUES does not use JSON.', hint)


@_check
def check_apps() -> Found:
    """E007 to E009, I001: the apps that the package stands on, and its doors."""
    if not apps.is_installed("django_filters"):
        yield _say("E007", "django_filters is not installed.", 'Add "django_filters" to INSTALLED_APPS.')
    opened = [name for name, (door, _host) in DOORS.items() if apps.is_installed(door)]
    for door, host in (DOORS[name] for name in opened):
        if not apps.is_installed(host):
            yield _say("E008", f'"{door}" opens into "{host}", which is not installed.', f'Add "{host}".')
    if not opened:
        hint = f"Add {' or '.join(door for door, _host in DOORS.values())} to INSTALLED_APPS to see cases."
        yield _say("I001", "No door of case management is open.", hint)
    elif _usable("ADMIN") and conf.admin_door() not in opened:
        door = DOORS[conf.admin_door()][0]
        yield _say("E009", f'ADMIN leads to "{door}", which is not installed.', f'Add it, or set "{opened[0]}".')


@_check
def check_auth() -> Found:
    """E010, W001, W007: people are signed in, groups give them permissions, and what they wrote outlives a session."""
    if not _any_is(settings.MIDDLEWARE, "django.contrib.auth.middleware.AuthenticationMiddleware"):
        hint = "Add AuthenticationMiddleware of django.contrib.auth to MIDDLEWARE, after the sessions."
        yield _say("E010", "Nobody is signed in: the authentication middleware is missing.", hint)
    if not _any_is(settings.AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"):
        hint = "Roles are groups: add ModelBackend, or a backend derived from it, to AUTHENTICATION_BACKENDS."
        yield _say("W001", "No authentication backend gives the permissions of groups.", hint)
    if any(apps.is_installed(door) for door, _host in DOORS.values()) and not _any_is(settings.MIDDLEWARE, UNSENT):
        yield _say("W007", "Text that is sent after the session has ended is lost.", f'Add "{UNSENT}" to MIDDLEWARE.')


def _any_is(paths: Sequence[str], wanted: str) -> bool:
    base, found = import_string(wanted), [import_string(path) for path in paths]
    return any(isinstance(entry, type) and issubclass(entry, base) for entry in found)


@_check
def check_data() -> Found:
    """E011, W002 to W004: files and reports have their places, and writers on SQLite queue up."""
    if not _usable("TRANSFER_STORAGE", "REPORTS_DATABASE"):
        return
    alias, storages, main = conf.transfer_storage(), dict[str, Any](settings.STORAGES), settings.DATABASES["default"]
    location, media = storages.get(alias, {}).get("OPTIONS", {}).get("location"), settings.MEDIA_ROOT
    if alias not in storages:
        hint = f'Add "{alias}" to STORAGES with a place outside MEDIA_ROOT; until then "default" is used.'
        yield _say("W002", f'There is no storage "{alias}" for exports and attachments.', hint)
    elif location and media and Path(location).resolve().is_relative_to(Path(media).resolve()):
        hint = "Move it elsewhere: whatever serves MEDIA_URL would serve customers' files to everybody."
        yield _say("W003", f'The storage "{alias}" lies inside MEDIA_ROOT.', hint)
    if conf.reports_database() not in settings.DATABASES:
        known = f"Known: {', '.join(settings.DATABASES)}."
        yield _say("E011", f'REPORTS_DATABASE is "{conf.reports_database()}", not in DATABASES.', known)
    mode = str(main.get("OPTIONS", {}).get("transaction_mode", ""))
    if main["ENGINE"].endswith("sqlite3") and mode.upper() != "IMMEDIATE":
        hint = 'Set OPTIONS = {"transaction_mode": "IMMEDIATE"}; else two writers meet "database is locked".'
        yield _say("W004", "SQLite starts transactions without the write lock.", hint)
