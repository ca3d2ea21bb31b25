"""No silent lost update: a change to what somebody else changed since it was read is refused and both values shown."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.domain.events import CustomFieldsChanged, Event
from case_management.exceptions import StaleCase
from case_management.models import Case, CaseEvent


def require_fresh(case: Case, seen_version: int, events: list[Event]) -> None:
    """Raise StaleCase when an event after ``seen_version`` touches a field that ``events`` want to change.

    Changes of different fields merge: an agent who set the priority and one who assigned the case both succeed.
    """
    since = CaseEvent.objects.filter(case=case, seq__gt=seen_version).select_related("actor").order_by("seq")
    met = [(stored, _both_touch(events, stored.decoded())) for stored in since]
    conflicts = [
        {
            "fields": sorted(names),
            "by": stored.actor_label,
            "event": stored.type,
            "at": stored.occurred_at.isoformat(),
            "now": {name: str(getattr(case, name)) for name in sorted(names)},
        }
        for stored, names in met
        if names
    ]
    if conflicts:
        raise StaleCase(
            _("%(who)s changed this case after you opened it (%(what)s). Look at the change, then try again.")
            % {"who": conflicts[-1]["by"], "what": ", ".join(conflicts[-1]["fields"])},
            conflicts=conflicts,
        )


def _both_touch(events: list[Event], other: Event) -> frozenset[str]:
    """Fields of the case that both sides change; of custom fields only where they mean the same ones."""
    names = frozenset[str]().union(*(event.contested() for event in events)) & other.contested()
    customs = [event for event in events if "custom" in event.touched()]
    if "custom" in names and not any(_same_custom(event, other) for event in customs):
        names -= {"custom"}
    return names


def _same_custom(event: Event, other: Event) -> bool:
    if not isinstance(event, CustomFieldsChanged) or not isinstance(other, CustomFieldsChanged):
        return True
    return not {*event.changed, *event.texts}.isdisjoint({*other.changed, *other.texts})
