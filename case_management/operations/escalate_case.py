"""Escalate: up the ladder, with the reason in a note; and down again."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseDeescalated, CaseEscalated, Event
from case_management.exceptions import NothingToChange
from case_management.models import Case
from case_management.operations.applying import apply, without_reading
from case_management.operations.gate import checked_note

#: The ladder ends here.
HIGHEST = 99


def escalate_case(case: Case, *, reason: str, by: Actor, level: int | None = None) -> Case:
    """Raise the escalation level by one, or to ``level``. Raises GateNotMet when the reason is too short.

    Raises NothingToChange when the case stands as high already.
    """
    note = checked_note(reason)

    def decide(held: Case) -> list[Event]:
        to = min(level or held.escalation_level + 1, HIGHEST)
        if to <= held.escalation_level:
            raise NothingToChange(_("The case is escalated to level %d already.") % held.escalation_level)
        return [CaseEscalated(level=to, note=note)]

    return apply("escalate", case, without_reading(decide), by=by)


def deescalate_case(case: Case, *, reason: str, by: Actor, level: int = 0) -> Case:
    """Lower the escalation to ``level``; 0 ends it. Raises GateNotMet when the reason is too short."""
    note = checked_note(reason)

    def decide(held: Case) -> list[Event]:
        if not 0 <= level < held.escalation_level:
            raise NothingToChange(_("The case does not stand higher than that."))
        return [CaseDeescalated(level=level, note=note)]

    return apply("deescalate", case, without_reading(decide), by=by)
