"""Why something that was handed to intake is not taken in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.exceptions import CaseManagementError


class KeyRequired(CaseManagementError):
    """A response without an id of its own came without a key that tells it from its repetition."""

    code = "idempotency_key_required"

    def default_message(self) -> str:
        """The sentence used when the raiser gives none."""
        return _("Give every response an external_id, or send an Idempotency-Key header with the request.")


class RequestInFlight(CaseManagementError):
    """The same key is being worked on by another request at this moment."""

    code = "request_in_flight"
    http_status = 409

    def default_message(self) -> str:
        """The sentence used when the raiser gives none."""
        return _("A request with this Idempotency-Key is still being worked on. Send it again in a second.")


class ExternalIdReused(CaseManagementError):
    """The same external id came with other content; what came first is kept."""

    code = "external_id_reused"
    http_status = 409
