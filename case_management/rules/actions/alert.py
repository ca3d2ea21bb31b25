"""Raise an FYI alert: worth knowing, no customer contact owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Alert
from case_management.rules.actions.base import Action, Firing, actions


@actions.registered("alert")
class RaiseAlert(Action):
    """One alert per firing."""

    label = _("Raise an FYI alert")

    class Parameters(forms.Form):
        """``title``: what the alert is called in lists; default: the interaction's own title."""

        title = forms.CharField(max_length=250, required=False, label=_("Title"))

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Raise all in one batch."""
        about = [firing for firing in firings if firing.interaction]
        Alert.objects.bulk_create(
            Alert(
                firing=firing.row,
                interaction=firing.interaction,
                unit_id=firing.interaction.unit_id,
                title=parameters["title"] or str(firing.interaction),
                raised_at=firing.row.fired_at,
            )
            for firing in about
            if firing.interaction
        )
        for firing in about:
            firing.note({"action": "alert"})
