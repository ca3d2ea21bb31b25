"""Who has a reason to be told of an event: those responsible, overseeing, called on or watching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.access import Coverage
from case_management.models import Case, CaseEvent, CaseWatcher
from case_management.models.among import among

#: Whoever holds this right at or above the case's unit is told of its escalations.
MANAGES = "oversee_case"

#: What each kind of mail is about, in words from which its reader chooses.
KINDS: dict[str, str | Promise] = {
    "assigned": _("A case is assigned to me"),
    "sla_breached": _("A case of mine misses its deadline"),
    "sla_warned": _("A deadline of a case of mine comes near"),
    "sla_response_missed": _("A reply in a case of mine is late"),
    "escalated": _("A case of mine, or one that I oversee, is escalated"),
    "mentioned": _("Somebody calls on me in a note"),
    "message_failed": _("A message that I wrote could not be delivered"),
    "watched_customer": _("The customer writes in a case that I watch"),
    "watched_reply": _("A reply goes out in a case that I watch"),
    "watched_note": _("Somebody writes a note on a case that I watch"),
    "watched_status": _("A case that I watch is resolved or taken up again"),
    "watched_escalation": _("A case that I watch is escalated"),
}
#: Event type → what its mail to the person responsible is about.
RESPONSIBLE = ("assigned", "sla_breached", "sla_warned", "sla_response_missed", "escalated")
#: Told to whoever wrote the message.
FAILED = "message_failed"
#: Event type → what its mail to watchers is about.
WATCHED = {
    "interaction_attached": "watched_customer",
    "message_received": "watched_customer",
    "message_sent": "watched_reply",
    "note_added": "watched_note",
    "resolved": "watched_status",
    "reopened": "watched_status",
    "escalated": "watched_escalation",
}


@dataclass(frozen=True)
class Readers:
    """The cases of some events and who stands by them, read in a few queries for all."""

    cases: Mapping[int, Case]
    managers: Coverage
    watchers: Mapping[int, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[CaseEvent]) -> Readers:
        """Read; three queries more where something was escalated."""
        events = list(events)
        cases = Case.objects.in_bulk({event.case_id for event in events})
        escalated = [cases[event.case_id] for event in events if event.type == "escalated"]
        return cls(cases, Coverage.load(MANAGES, escalated, available_only=False), _watchers(cases))

    def told(self, event: CaseEvent) -> dict[int, list[str]]:
        """User id → the kinds of mail, the most personal first: it is the one that is sent.

        Also what is not sent is among them; :func:`silent` and the dispatch say why.
        """
        kinds: dict[int, list[str]] = {}
        for user_id, kind in (*self._responsible(event), *_called(event), *self._watching(event)):
            kinds.setdefault(user_id, []).append(kind)
        return kinds

    def _responsible(self, event: CaseEvent) -> Iterator[tuple[int, str]]:
        case = self.cases[event.case_id]
        if event.type == "assigned":
            yield int(event.payload["to"]), event.type
        elif event.type == FAILED and (writer := event.payload.get("author") or case.assignee_id):
            yield int(writer), event.type
        elif event.type in RESPONSIBLE and case.assignee_id:
            yield case.assignee_id, event.type
        if event.type == "escalated":
            yield from ((user_id, event.type) for user_id in self.managers.of_unit(case))

    def _watching(self, event: CaseEvent) -> Iterator[tuple[int, str]]:
        if kind := WATCHED.get(event.type):
            yield from ((user_id, kind) for user_id in self.watchers.get(event.case_id, ()))


def _called(event: CaseEvent) -> Iterator[tuple[int, str]]:
    for user_id in event.payload.get("mentions", ()) if event.type == "note_added" else ():
        yield int(user_id), "mentioned"


def silent(event: CaseEvent) -> str:
    """Why watchers are not told of it: letters that are none of the customer's, or of nobody; empty where they are."""
    if event.type == "message_received":
        return next((why for why in ("internal", "automatic") if event.payload.get(why)), "")
    return "no_reply" if event.type == "message_sent" and event.payload.get("kind") != "reply" else ""


def _watchers(cases: Mapping[int, Case]) -> dict[int, list[int]]:
    """Case id → those who watch it, or a case that was merged into it."""
    found: dict[int, list[int]] = defaultdict(list)
    ids = among(Case, set(cases))
    rows = CaseWatcher.objects.filter(Q(case__in=ids) | Q(case__merged_into__in=ids)).order_by("pk")
    for case_id, merged_into, user_id in rows.values_list("case_id", "case__merged_into_id", "user_id"):
        for here in (case_id, merged_into):
            if here in cases:
                found[here].append(user_id)
    return found
