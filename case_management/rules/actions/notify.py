"""Notify people of a case or an alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import Coverage
from case_management.domain.actor import Actor
from case_management.models import Case, Notification
from case_management.models.due import due_fields
from case_management.rules.actions.base import Action, Firing, WordsField, actions

#: Words besides ``user:NAME`` that name recipients.
ASSIGNEE, MANAGERS, TEAM = "assignee", "managers", "team"
#: Whoever holds this right at or above the case's unit counts as its manager.
MANAGES = "oversee_case"


class RecipientsField(WordsField):
    """``assignee``, ``managers``, ``team`` or ``user:NAME``."""

    def clean(self, value: Any) -> list[str]:
        """Known words only; users must exist."""
        words = super().clean(value)
        names = [word.removeprefix("user:") for word in words if word.startswith("user:")]
        wrong = [word for word in words if word not in (ASSIGNEE, MANAGERS, TEAM) and not word.startswith("user:")]
        field = get_user_model().USERNAME_FIELD
        known = get_user_model()._default_manager.filter(**{f"{field}__in": names}).values_list(field, flat=True)
        wrong += [f"user:{name}" for name in names if name not in set(known)]
        if wrong:
            raise forms.ValidationError(
                _("Unknown recipient: %s. Use assignee, managers, team or user:NAME.") % ", ".join(wrong)
            )
        return words


@actions.registered("notify")
class Notify(Action):
    """One mail per person and firing."""

    label = gettext_lazy("Notify")

    class Parameters(forms.Form):
        """``to``: a list of recipients."""

        to = RecipientsField()

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Write the ledger's rows; delivery follows after commit."""
        concerned = [firing for firing in firings if firing.case]
        recipients = _recipients([firing.case for firing in concerned if firing.case], parameters["to"])
        now, rows = timezone.now(), []
        for firing in concerned:
            user_ids = sorted(recipients.get(firing.row.case_id or 0, ()))
            firing.note({"action": "notify", "users": user_ids})
            rows += [_row(firing, user_id, due_fields(now)) for user_id in user_ids]
        Notification.objects.owe(rows)


def _row(firing: Firing, user_id: int, due: dict[str, Any]) -> Notification:
    return Notification(
        key=f"rule:{firing.row.key}:user:{user_id}:email",
        kind="rule",
        recipient_id=user_id,
        case=firing.case,
        event_id=firing.row.event_id,
        context={"rule": firing.rule.name},
        **due,
    )


def _recipients(cases: list[Case], words: list[str]) -> dict[int, set[int]]:
    """Case id → user ids; reads set-based what the words need."""
    names = [word.removeprefix("user:") for word in words if word.startswith("user:")]
    field = get_user_model().USERNAME_FIELD
    everywhere = set(get_user_model()._default_manager.filter(**{f"{field}__in": names}).values_list("pk", flat=True))
    managers = Coverage.load(MANAGES, cases, available_only=False) if MANAGERS in words else None
    workers = Coverage.load("view_case", cases, available_only=False) if TEAM in words else None
    found: dict[int, set[int]] = {}
    for case in cases:
        found[case.pk] = set(everywhere)
        if ASSIGNEE in words and case.assignee_id:
            found[case.pk].add(case.assignee_id)
        if managers:
            found[case.pk] |= set(managers.of_unit(case))
        if workers and case.team_id:
            found[case.pk] |= set(workers.of(case))
    return found
