"""The forms that put a case out of the way for a while and bring it back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import snooze_case, wake_case
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.moment import MomentField


class SnoozeForm(OperationForm):
    """Until when; the customer's next message ends it earlier."""

    slug, verbs = "snooze", ("snooze",)
    title, submit, done = _("Snooze"), _("Snooze"), _("The case is snoozed.")

    until = MomentField(label=_("Until"), help_text=_("Or until the customer writes. The clock goes on."))

    @classmethod
    def fits(cls, case: Case) -> bool:
        """It is not snoozed already."""
        return case.snoozed_until is None

    def operate(self, case: Case, by: Actor) -> None:
        """Snooze."""
        snooze_case(case, until=self.cleaned_data["until"], by=by)


class WakeForm(OperationForm):
    """One button."""

    slug, verbs = "wake", ("wake",)
    title, submit, done = _("Wake"), _("Wake"), _("The case is awake again.")
    place = Place.HEAD

    @classmethod
    def fits(cls, case: Case) -> bool:
        """It is snoozed."""
        return case.snoozed_until is not None

    def operate(self, case: Case, by: Actor) -> None:
        """Wake."""
        wake_case(case, by=by)
