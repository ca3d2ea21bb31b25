"""Says at start-up which endpoints of webhooks cannot be called as they should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks

from case_management.notifications.channels.webhook import webhook_flaws


@checks.register("case_management")
def check_webhooks(**kwargs: Any) -> list[checks.CheckMessage]:
    """E012: each endpoint has an address that nobody can listen to on the way, and secrets that sign."""
    return list(_flawed())


def _flawed() -> Iterator[checks.CheckMessage]:
    values = getattr(settings, "CASE_MANAGEMENT", {})
    endpoints = values.get("WEBHOOKS", {}) if isinstance(values, dict) else {}
    for name, given in endpoints.items() if isinstance(endpoints, dict) else ():
        for flaw, mend in webhook_flaws(given):
            yield checks.Error(f'The endpoint "{name}" in WEBHOOKS {flaw}.', hint=mend, id="case_management.E012")
