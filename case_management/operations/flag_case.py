"""Flag a case for everybody, or take the flag off."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseFlagged, CaseUnflagged, Event
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseFlag
from case_management.operations.applying import apply, without_reading


def flag_case(case: Case, *, by: Actor) -> Case:
    """Raise the flag that everybody sees."""
    return apply("flag", case, without_reading(lambda held: _events(held, True)), by=by)


def unflag_case(case: Case, *, by: Actor) -> Case:
    """Take that flag down."""
    return apply("unflag", case, without_reading(lambda held: _events(held, False)), by=by)


def flag_for_me(case: Case, *, by: Actor) -> bool:
    """Turn the actor's own flag over; returns whether it is up now. Nobody else sees it, so no event."""
    by.require("view_case", case)
    if CaseFlag.objects.filter(case=case, user=by.user).delete()[0]:
        return False
    CaseFlag.objects.get_or_create(case=case, user=by.user)
    return True


def _events(case: Case, flagged: bool) -> list[Event]:
    if case.flagged == flagged:
        raise NothingToChange(_("The flag is as you want it already."))
    return [CaseFlagged()] if flagged else [CaseUnflagged()]
