"""What the tests of the case page share: our part of a page, and something that a customer said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from case_management.models import Case, Interaction

NOTE = "Called the guest, no answer."


def ours(response: Any) -> str:
    """Our part of the page, without the admin around it."""
    return response.content.decode().partition('<div class="cm-case"')[2]


def interaction(company: SimpleNamespace, case: Case, **facts: Any) -> Interaction:
    """Something the customer said."""
    now = timezone.now()
    defaults = {"source": company.survey, "external_id": str(Interaction.objects.count()), "occurred_at": now}
    return Interaction.objects.create(**{**defaults, "available_at": now, "case": case, **facts})
