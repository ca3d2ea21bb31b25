"""Stop rules that set each other off in a circle: one event says where it began and how deep it went."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, RulesStopped
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseEvent
from case_management.operations.applying import apply, without_reading


def stop_rules(case: Case, *, at: CaseEvent, by: Actor) -> Case:
    """Record that nobody asks the rules about ``at`` any more. Raises NothingToChange for the next one of a circle."""
    root = _root(at)

    def decide(held: Case) -> list[Event]:
        if CaseEvent.objects.filter(case=held, type=RulesStopped.code, payload__root=root.seq).exists():
            raise NothingToChange(_("The circle is recorded already."))
        return [RulesStopped(root=root.seq, deep=at.depth, rule=at.actor_label or None)]

    return apply("stop_rules", case, without_reading(decide), by=by)


def _root(event: CaseEvent) -> CaseEvent:
    """The event that no rule caused; as many steps up as the circle is deep."""
    while event.caused_by is not None:
        event = event.caused_by
    return event
