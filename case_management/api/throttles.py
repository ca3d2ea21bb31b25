"""How many requests one client may send; hosts set the rates in REST framework's DEFAULT_THROTTLE_RATES."""

from __future__ import annotations

from typing import Any

from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle


class ClientThrottle(SimpleRateThrottle):
    """Counts requests per user and scope; nothing that a client writes into a header changes who is counted.

    >>> REST_FRAMEWORK = {"DEFAULT_THROTTLE_RATES": {"case_management_intake": "600/min"}}  # doctest: +SKIP
    """

    default_rate = "1200/min"

    def get_rate(self) -> str | None:
        """The host's rate for the scope, else the default; ``None`` in the setting switches the throttle off."""
        rates: dict[str, Any] = api_settings.DEFAULT_THROTTLE_RATES or {}
        return rates.get(str(self.scope), self.default_rate)

    def get_cache_key(self, request: Any, view: Any) -> str:
        """One entry per user; nobody else gets as far as here."""
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


class IntakeThrottle(ClientThrottle):
    """Requests that bring responses; a request may bring hundreds."""

    scope = "case_management_intake"
    default_rate = "6000/min"


class ReadThrottle(ClientThrottle):
    """Requests that read."""

    scope = "case_management_read"
