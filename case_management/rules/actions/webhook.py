"""Tell another system of a case: a signed message to an endpoint that the host's developer has named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from case_management import conf
from case_management.domain.actor import Actor
from case_management.models import Case, Notification
from case_management.models.due import due_fields
from case_management.rules.actions.base import Action, Firing, actions


def _endpoints() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(conf.webhooks())]


@actions.registered("webhook")
class CallWebhook(Action):
    """One message per firing; it carries what the case was like at that moment, and no personal data."""

    label = gettext_lazy("Call a webhook")

    class Parameters(forms.Form):
        """``to``: the name of an endpoint in the setting WEBHOOKS."""

        to = forms.ChoiceField(
            label=gettext_lazy("Endpoint"),
            choices=lazy(_endpoints, list)(),
            help_text=gettext_lazy("The developer of the site names endpoints in the setting WEBHOOKS."),
        )

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Write the ledger's rows; delivery follows after commit."""
        concerned = [firing for firing in firings if firing.case]
        cases = _as_they_are(firing.case.pk for firing in concerned if firing.case)
        now, to = timezone.now(), parameters["to"]
        Notification.objects.owe(
            [_row(firing, cases[firing.row.case_id or 0], to, due_fields(now)) for firing in concerned]
        )
        for firing in concerned:
            firing.note({"action": "webhook", "to": to})


def _as_they_are(case_ids: Any) -> dict[int, Case]:
    lists = ("priority", "case_type", "topic", "unit", "team", "source")
    return Case.objects.select_related(*lists).in_bulk(list(case_ids))


def _row(firing: Firing, case: Case, to: str, due: dict[str, Any]) -> Notification:
    return Notification(
        key=f"rule:{firing.row.key}:webhook:{to}",
        kind="webhook",
        channel="webhook",
        address=to,
        case=case,
        event_id=firing.row.event_id,
        context=_told(firing, case),
        **due,
    )


def _told(firing: Firing, case: Case) -> dict[str, Any]:
    """Keys and moments only: who needs words or people asks the API, with rights of its own."""
    return {
        "type": "case.rule_acted",
        "timestamp": firing.row.fired_at.isoformat(),
        "data": {
            "rule": firing.rule.label,
            "case": case.reference,
            "version": case.version,
            "status": case.status,
            "priority": getattr(case.priority, "key", None),
            "case_type": getattr(case.case_type, "key", None),
            "topic": getattr(case.topic, "key", None),
            "unit": getattr(case.unit, "number", None),
            "team": getattr(case.team, "key", None),
            "source": getattr(case.source, "key", None),
            "opened_at": case.opened_at.isoformat(),
            "due_at": case.due_at.isoformat() if case.due_at else None,
        },
    }
