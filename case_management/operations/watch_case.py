"""Watch: hear what happens to a case; it changes nothing about the case, so it is no event."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.access import viewers_of
from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange, ValueUnknown
from case_management.models import Case, CaseWatcher


def watch_case(case: Case, *, by: Actor, user: Any = None) -> CaseWatcher:
    """Let the actor, or a colleague, hear of the case.

    Oneself needs the right to see the case, a colleague the right to write notes on it. Raises ValueUnknown for a
    colleague who may not see the case, NothingToChange for one who watches already.
    """
    watcher = by.user if user is None else user
    by.require("view_case" if by.user_id == watcher.pk else "note_case", case)
    if not viewers_of(case).filter(pk=watcher.pk).exists():
        message = _("%s may not see this case; choose somebody who may.") % watcher.get_username()
        raise ValueUnknown(message, fields=["user"])
    row, created = CaseWatcher.objects.get_or_create(
        case=case, user=watcher, defaults={"added_by": by.user if by.user_id else None}
    )
    if not created:
        raise NothingToChange(_("%s watches this case already.") % watcher.get_username())
    found: CaseWatcher = row
    return found


def unwatch_case(case: Case, *, by: Actor) -> None:
    """Hear no more of it. Raises NothingToChange for who does not watch the case."""
    if not CaseWatcher.objects.filter(case=case, user=by.user).delete()[0]:
        raise NothingToChange(_("You do not watch this case."))
