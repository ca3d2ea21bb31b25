"""What an event changed, as before → after: from its own payload, and for status and due date from earlier events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.events import EVENTS
from case_management.domain.states import Status
from case_management.models import Case, CaseEvent

#: Event code → (key of the value before, key of the value after, what they are).
PAIRS: dict[str, tuple[tuple[str, str, str | Promise], ...]] = {
    "assigned": (("previous", "to", gettext_lazy("Assignee")),),
    "unassigned": (("previous", "to", gettext_lazy("Assignee")),),
    "topic_changed": (("previous", "to", gettext_lazy("Topic")),),
    "type_changed": (("previous", "to", gettext_lazy("Case type")),),
    "priority_changed": (("previous", "to", gettext_lazy("Priority")),),
    "rerouted": (
        ("previous_unit", "unit", gettext_lazy("Unit")),
        ("previous_team", "team", gettext_lazy("Team")),
    ),
}
#: Facts that events tell without what was there before.
FOLDED: dict[str, str | Promise] = {"status": gettext_lazy("Status"), "due_at": gettext_lazy("Due")}
#: So many earlier events are looked through; what was before an older one is not told.
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One fact; ``before`` is empty where it is not known."""

    label: str
    before: str
    after: str


State = dict[str, str]


def earlier_states(case: Case, events: Sequence[CaseEvent]) -> dict[int, State]:
    """Number of each event that moves the status or the due date → both as they were before it; one query, or none."""
    codes = [code for code, event in EVENTS.items() if event.touches.intersection(FOLDED)]
    moved = [stored.seq for stored in events if stored.type in codes]
    if not moved:
        return {}
    rows = CaseEvent.objects.filter(case=case, type__in=codes, seq__lte=max(moved)).order_by("-seq")
    found: dict[int, State] = {}
    state: State = {}
    for stored in reversed(rows.only("seq", "type", "payload", "occurred_at")[:MOST_LOOKED_AT]):
        found[stored.seq] = dict(state)
        state.update(_folded(stored))
    return found


def _folded(stored: CaseEvent) -> State:
    changed = stored.decoded().changes(stored.occurred_at) if stored.type in EVENTS else {}
    return {name: _in_words(name, changed[name]) for name in FOLDED if name in changed}


def _in_words(name: str, value: Any) -> str:
    if name == "status":
        return str(Status(value).label)
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return _("none")


def changes_of(stored: CaseEvent, words: Mapping[str, str], before: State | None) -> list[Change]:
    """What the event changed; ``words`` are the values of its payload, in words."""
    found = [
        Change(str(label), words.get(old) or _("none"), words.get(new) or _("none"))
        for old, new, label in PAIRS.get(stored.type, ())
        if words.get(old) != words.get(new)
    ]
    known, after = before or {}, _folded(stored)
    found += [
        Change(str(FOLDED[name]), known.get(name, ""), told)
        for name, told in after.items()
        if known.get(name) != told and (name in known or told != _("none"))
    ]
    return found


def told_by_changes(stored: CaseEvent) -> frozenset[str]:
    """Keys of the payload that need not be told a second time."""
    told = {key for old, new, _label in PAIRS.get(stored.type, ()) for key in (old, new)}
    moves = EVENTS[stored.type].touches if stored.type in EVENTS else frozenset[str]()
    return frozenset(told | ({"due_at"} & moves))
