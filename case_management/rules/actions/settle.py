"""Actions that end a case, or take it up again; every gate of the operations holds for rules too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management import operations
from case_management.domain.actor import Actor
from case_management.models import CloseChannel, ClosureReason, NoteSubject, ReopenReason, ResolutionMethod, Tag
from case_management.operations import Outcome, Resolution
from case_management.rules.actions.base import Firing, KeyField, actions
from case_management.rules.actions.change import Change, ids_of


def _note_field() -> forms.CharField:
    return forms.CharField(min_length=10, max_length=4000, label=_("Note"), widget=forms.Textarea(attrs={"rows": 3}))


@actions.registered("resolve")
class Resolve(Change):
    """Resolve open cases; what their type requires has to be given here, or to be there."""

    key, label = "resolve", _("Resolve")

    class Parameters(forms.Form):
        """``reason``, ``note``, and where configured ``method``, ``channel``, ``tags``: keys of their lists."""

        reason = KeyField(ClosureReason.objects.active(), required=True, label=_("Closure reason"))
        note = _note_field()
        method = KeyField(ResolutionMethod.objects.active(), label=_("Resolution method"))
        channel = KeyField(CloseChannel.objects.active(), label=_("Close channel"))
        tags = forms.ModelMultipleChoiceField(
            Tag.objects.active(), to_field_name="key", required=False, label=_("Tags that are required")
        )
        subject = KeyField(NoteSubject.objects.active(), label=_("Subject of the note"))

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``resolve_cases``."""
        given = {**parameters, "tags": tuple(parameters["tags"])}
        return operations.resolve_cases(ids_of(cases), Resolution(**given), by=by)


@actions.registered("close")
class Close(Change):
    """Lock resolved cases before the grace period is over."""

    key, label = "close", _("Close")

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``close_cases``."""
        return operations.close_cases(ids_of(cases), by=by)


@actions.registered("reopen")
class Reopen(Change):
    """Take resolved or closed cases up again."""

    key, label = "reopen", _("Reopen")

    class Parameters(forms.Form):
        """``reason``: key of a reopen reason; ``note``."""

        reason = KeyField(ReopenReason.objects.active(), required=True, label=_("Reopen reason"))
        note = _note_field()

    @classmethod
    def carry_out(cls, cases: Sequence[Firing], parameters: Mapping[str, Any], by: Actor) -> Outcome:
        """By ``reopen_cases``."""
        return operations.reopen_cases(ids_of(cases), reason=parameters["reason"], note=parameters["note"], by=by)
