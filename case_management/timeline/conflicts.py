"""No silent lost update: a change to what somebody else changed since it was read is refused and both values shown."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.domain.events import Event
from case_management.exceptions import StaleCase
from case_management.models import Case, CaseEvent


def require_fresh(case: Case, seen_version: int, events: list[Event]) -> None:
    """Raise StaleCase when an event after ``seen_version`` touches a field that ``events`` want to change.

    Changes of different fields merge: an agent who set the priority and one who assigned the case both succeed.
    """
    wanted = frozenset[str]().union(*(event.touches for event in events))
    since = CaseEvent.objects.filter(case=case, seq__gt=seen_version).select_related("actor").order_by("seq")
    conflicts = [
        {
            "fields": sorted(wanted & stored.decoded().touches),
            "by": stored.actor_label,
            "event": stored.type,
            "at": stored.occurred_at.isoformat(),
            "now": {name: str(getattr(case, name)) for name in sorted(wanted & stored.decoded().touches)},
        }
        for stored in since
        if wanted & stored.decoded().touches
    ]
    if conflicts:
        raise StaleCase(
            _("%(who)s changed this case after you opened it (%(what)s). Look at the change, then try again.")
            % {"who": conflicts[-1]["by"], "what": ", ".join(conflicts[-1]["fields"])},
            conflicts=conflicts,
        )
