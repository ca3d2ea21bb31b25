"""What the steps of a macro ask for: the forms of wide changes, and those of the steps that only macros have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from case_management.bulk.steps import STEPS
from case_management.domain.states import waiting_choices
from case_management.models import NoteSubject, ScriptedResponse
from case_management.models.wording import ScriptedState
from case_management.ui.bulk.base_form import BulkForm
from case_management.ui.bulk.forms import FORMS, NoteForm
from case_management.ui.forms.refusal import EntryField


class NoteStep(NoteForm):
    """The same note each time."""

    subject = EntryField(NoteSubject.objects.active(), label=_("Subject"), required=False)
    field_order = ("subject", "note")

    def arrange(self) -> None:
        """The subjects."""
        super().arrange()
        self.offer("subject")


class WaitStep(BulkForm):
    """For whom the case waits."""

    waiting_for = forms.ChoiceField(label=_("Waiting for"), choices=waiting_choices)


class SnoozeStep(BulkForm):
    """How long, since a macro runs on many days."""

    hours = forms.IntegerField(label=_("Hours"), min_value=1, max_value=24 * 90, initial=24)


class ResponseStep(BulkForm):
    """Which response; its newest approved version is used each time."""

    response = forms.ChoiceField(
        label=_("Scripted response"), help_text=_("It waits in the reply until its prompts are answered and you send.")
    )

    def arrange(self) -> None:
        """The approved ones."""
        rows = ScriptedResponse.objects.filter(state=ScriptedState.APPROVED).order_by("name")
        self.fields["response"].choices = list(rows.values_list("key", "name"))  # type: ignore[attr-defined]


class SendStep(ResponseStep):
    """Which response goes out; those that ask something say so."""

    def arrange(self) -> None:
        """What it does with each."""
        super().arrange()
        self.fields["response"].help_text = _(
            "It is sent to the customer as a reply, which can be stopped for a moment. Where it asks something, or the "
            "case does not know what it needs, it waits in the reply instead."
        )
        asking = ScriptedResponse.objects.filter(state=ScriptedState.APPROVED).exclude(prompts=[])
        keys = set(asking.values_list("key", flat=True))
        choices = self.fields["response"].choices  # type: ignore[attr-defined]
        self.fields["response"].choices = [  # type: ignore[attr-defined]
            (key, _now("%s (asks something first)") % name if key in keys else name) for key, name in choices
        ]


#: Key of a step → its form; those that are not here ask for nothing.
STEP_FORMS: dict[str, type[BulkForm]] = {
    **{key: form for key, form in FORMS.items() if key in STEPS},
    "note": NoteStep,
    "wait": WaitStep,
    "snooze_for": SnoozeStep,
    "response": ResponseStep,
    "send": SendStep,
}


def step_form(key: str, data: Any, *, user: Any, cases: Any) -> BulkForm:
    """The form of the step ``key``."""
    return STEP_FORMS.get(key, BulkForm)(data, user=user, cases=cases)
