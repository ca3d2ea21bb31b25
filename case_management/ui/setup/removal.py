"""Deleting an entry: refused with counts while something leans on it, with switching it off as the way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from case_management.access.setting_up import may_set_up
from case_management.models import Rule
from case_management.rules import publishing
from case_management.ui.setup.screen import Screen
from case_management.ui.setup.usage import Use, cannot_deactivate, refusal, uses_of


@dataclass(frozen=True)
class Removal:
    """What a door tells somebody who wants to delete ``entry``."""

    entry: Any
    user: Any
    uses: list[Use] = field(default_factory=list)

    @classmethod
    def of(cls, screen: Screen, entry: models.Model, user: Any) -> Removal:
        """Count what leans on ``entry``."""
        return cls(entry, user, uses_of(entry, user, screen.parts))

    @property
    def message(self) -> str:
        """Why it cannot be deleted."""
        return refusal(self.entry)

    @property
    def advice(self) -> str:
        """What to do instead, when switching off is not on offer."""
        if not hasattr(self.entry, "is_active"):
            return _("Remove what uses it first.")
        if not self.entry.is_active:
            return _("It is switched off already: nobody can choose it any more.")
        if not self._may_change:
            return _("Ask somebody who may change it to switch it off.")
        return cannot_deactivate(self.entry)

    @property
    def _may_change(self) -> bool:
        return may_set_up(self.user, "change", self.entry)

    def deactivate(self) -> str:
        """Switch the entry off; returns what was done, or why not."""
        if why_not := self.advice:
            return why_not
        if isinstance(self.entry, Rule):
            publishing.retire(self.entry, by=self.user)
        else:
            self.entry.is_active = False
            self.entry.save()
        return _("“%s” is switched off: it stays where it is used and is no longer offered.") % self.entry


def delete_unless_used(act: Callable[[], Any]) -> Any:
    """Run ``act``, which deletes; None when something came to lean on the entry since it was counted."""
    try:
        with transaction.atomic():
            return act()
    except (ProtectedError, RestrictedError):
        return None
