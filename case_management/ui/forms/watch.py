"""The forms with which one hears of a case, hears no more of it, and lets a colleague hear."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from case_management.access import viewers_of
from case_management.domain.actor import Actor
from case_management.models import Case
from case_management.operations import unwatch_case, watch_case
from case_management.timeline.names import person
from case_management.ui.forms.base import OperationForm, Place
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.refusal import EntryField


class WatchForm(OperationForm):
    """One button."""

    slug, verbs = "watch", ()
    title, submit, done = _("Watch"), _("Watch this case"), _("You will be told what happens here.")
    place = Place.SECTION
    rare = True

    @classmethod
    def permission(cls) -> str:
        """Whoever sees a case may watch it."""
        return "view_case"

    @classmethod
    def suits(cls, desk: Desk) -> bool:
        """Not yet."""
        return desk.user.pk not in desk.watchers

    def operate(self, case: Case, by: Actor) -> None:
        """Watch."""
        watch_case(case, by=by)


class UnwatchForm(WatchForm):
    """One button."""

    slug = "unwatch"
    title, submit, done = _("Watch no more"), _("Watch no more"), _("You will hear no more of this case.")

    @classmethod
    def suits(cls, desk: Desk) -> bool:
        """Watching."""
        return desk.user.pk in desk.watchers

    def operate(self, case: Case, by: Actor) -> None:
        """Watch no more."""
        unwatch_case(case, by=by)


class AddWatcherForm(OperationForm):
    """A colleague who may see the case."""

    slug, verbs = "watcher", ()
    title, submit, done = _("Add a watcher"), _("Add"), _("Your colleague will be told what happens here.")
    is_deferred = True
    rare = True

    user = EntryField(get_user_model()._default_manager.none(), label=_("Colleague"))

    @classmethod
    def permission(cls) -> str:
        """Whoever may write here may call others."""
        return "note_case"

    def arrange(self) -> None:
        """Offer those who work such cases; whoever may see the case can be sent."""
        field: Any = self.choice("user")
        field.queryset = viewers_of(self.case)
        offered = [(user.pk, person(user)) for user in self.desk.people if user.pk not in self.desk.watchers]
        field.offer(offered)

    def operate(self, case: Case, by: Actor) -> None:
        """Add."""
        watch_case(case, user=self.cleaned_data["user"], by=by)
