"""Webhooks: a signed POST to an endpoint of the host's settings, with the same ``webhook-id`` on every attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from case_management import conf
from case_management.models import Notification
from case_management.notifications.channels.base import Refused, Unreachable, channels

#: The answer that means "never again" (Standard Webhooks 1.0.0); every other refusal is tried again.
GONE = 410
#: Hosts that may be spoken to without encryption.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def sign(key: str, at: int, body: bytes, secrets: list[str]) -> str:
    """The ``webhook-signature`` of Standard Webhooks: one per secret, so that a secret can be exchanged.

    ``at`` is in seconds since 1970; secrets are ``whsec_`` and base64. ValueError for one that is not.
    """
    signed = b".".join([key.encode(), str(at).encode(), body])
    return " ".join(f"v1,{_digest(secret, signed)}" for secret in secrets)


def _digest(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def webhook_flaws(given: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with an endpoint of the settings, each with its mend."""
    parts = urlsplit(str(given.get("url", ""))) if isinstance(given, dict) else urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        yield "has no https address", 'Write {"url": "https://…", "secrets": ["whsec_…"]}.'
    secrets = given.get("secrets") if isinstance(given, dict) else None
    if not isinstance(secrets, list) or not secrets or not all(_signs(secret) for secret in secrets):
        yield "has no usable secrets", "Give a list of one or two: whsec_ and the base64 of 24 to 64 random bytes."


def _signs(secret: Any) -> bool:
    try:
        return str(secret).startswith("whsec_") and 24 <= len(_key(str(secret))) <= 64
    except ValueError:
        return False


class _Stay(HTTPRedirectHandler):
    """A redirect is a failure: it could lead a signed body anywhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@channels.registered("webhook")
class WebhookChannel:
    """POSTs the notification's context as JSON; an endpoint that does not answer is left alone till the next pass."""

    label: ClassVar[Any] = _("Webhook")

    def __init__(self) -> None:
        self._opener: OpenerDirector = build_opener(_Stay)
        self._silent: dict[str, str] = {}

    def open(self) -> None:
        """There is one connection per request."""

    def close(self) -> None:
        """Nothing is kept open."""

    def send(self, notification: Notification) -> None:
        """Deliver one; Refused where the endpoint is gone, Unreachable for whatever may get better."""
        name = notification.address
        if name in self._silent:
            raise Unreachable(self._silent[name])
        try:
            with self._opener.open(_request(notification), timeout=conf.webhook_timeout()):
                return
        except HTTPError as error:
            refused = error.code == GONE
            raise (Refused if refused else Unreachable)(f"“{name}” answered {error.code} {error.reason}.") from error
        except (OSError, HTTPException) as error:
            self._silent[name] = f"“{name}” does not answer: {type(error).__name__}: {error}"
            raise Unreachable(self._silent[name]) from error


def _request(notification: Notification) -> Request:
    endpoint = conf.webhooks().get(notification.address)
    if endpoint is None:
        raise Refused(f'CASE_MANAGEMENT["WEBHOOKS"] has no endpoint “{notification.address}”.')
    body = json.dumps(notification.context, ensure_ascii=False, sort_keys=True).encode()
    key, at = notification.message_id.strip("<>").partition("@")[0], int(timezone.now().timestamp())
    try:
        signature = sign(key, at, body, endpoint.secrets)
    except ValueError as error:
        raise Refused(f"A secret of the endpoint “{notification.address}” is not whsec_ and base64.") from error
    return Request(  # noqa: S310 - the address is the developer's, out of the settings
        endpoint.url,
        data=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "django-case-management",
            "webhook-id": key,
            "webhook-timestamp": str(at),
            "webhook-signature": signature,
        },
        method="POST",
    )
