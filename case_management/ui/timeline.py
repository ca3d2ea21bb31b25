"""A case's events for a reader: a stretch of them, each with its sentence, what changed, what was written, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import ActorKind
from case_management.domain.events import EVENTS, CaseOpened
from case_management.models import Case, CaseEvent, CaseNote, CustomField, Interaction, RuleFiring
from case_management.timeline.facts import FACTS, shown
from case_management.timeline.names import Names
from case_management.timeline.wording import actor_name, details, is_hidden, names_for, sentence
from case_management.ui.before_after import Change, State, changes_of, earlier_states, told_by_changes
from case_management.ui.decisions import decisions_in
from case_management.ui.messages import ShownMessage
from case_management.ui.stretches import PAGE_SIZE, RELATED, stretch_of
from case_management.ui.why import Why, why

__all__ = ["ORDERS", "PAGE_SIZE", "SHOWS", "Entry", "Known", "TimelinePage", "entries_of", "since", "timeline_of"]

SHOWS = {"all": _("Everything"), "notes": _("Notes"), "messages": _("Messages"), "system": _("System")}
ORDERS = {"newest": _("Newest first"), "oldest": _("Oldest first")}
#: An import that records later than this after the fact says so.
_LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Part:
    """More of an entry, such as the message that it tells of; its template finds ``about`` as ``part.about``."""

    template: str
    about: Any
    #: Whether it tells why rather than what, so that its entry stays folded.
    is_quiet: bool = False


@dataclass(frozen=True)
class Known:
    """What whoever shows a timeline has read already, or wants to know as well: the event that opened the case."""

    customs: Mapping[str, CustomField] | None = None
    opening: CaseEvent | None = None
    #: Other cases are named where they are among these (a queryset); None: all.
    visible: Any = None
    #: The visible cases that were merged into this one, by their keys: what was said in them is woven in.
    merged: Mapping[int, Case] = field(default_factory=dict)


@dataclass(frozen=True)
class Opening:
    """How a merged case began; ``description`` is empty where the customer's words beside it say the same."""

    case: Case
    description: str


@dataclass(frozen=True)
class Entry:
    """One event as it is shown; ``answers`` is the number of the event that made a rule act.

    ``home`` is the merged case of which it tells, None for the case's own.
    """

    number: int
    code: str
    sentence: str
    who: str
    kind: str
    at: datetime
    recorded_at: datetime | None
    details: list[tuple[str, str]]
    note: CaseNote | None
    why: Why | None
    message: ShownMessage | None = None
    changes: list[Change] = field(default_factory=list)
    answers: int | None = None
    parts: list[Part] = field(default_factory=list)
    home: Case | None = None

    @property
    def is_spoken(self) -> bool:
        """Somebody wrote or said something; such an entry is unfolded when it comes."""
        return self.note is not None or self.message is not None or any(not part.is_quiet for part in self.parts)


@dataclass(frozen=True)
class TimelinePage:
    """A stretch of the timeline, and how it was asked for.

    ``past`` is the place that it follows in the order asked for, None at the beginning; ``more`` the one to go on from,
    None at the end (see :mod:`case_management.ui.stretches`). ``total`` counts the entries of all stretches.
    """

    entries: list[Entry]
    show: str
    order: str
    past: int | None
    more: int | None
    total: int
    folds: str = ""
    opened_by: str = ""

    @property
    def folds_open(self) -> bool:
        """Whether every entry is unfolded when it comes."""
        return self.folds == "all"

    @property
    def folds_spoken(self) -> bool:
        """Whether what was written and said is unfolded when it comes."""
        return self.folds != "none"


def timeline_of(case: Case, asked: Any, known: Known | None = None) -> TimelinePage:
    """Some of the case's events; ``asked`` holds ``show``, ``order``, ``past`` and ``unfold``, as an address does."""
    show = asked.get("show") if asked.get("show") in SHOWS else "all"
    order = asked.get("order") if asked.get("order") in ORDERS else "newest"
    past = int(asked["past"]) if str(asked.get("past", "")).isdecimal() and len(asked["past"]) < 10 else None
    known = known or Known()
    found = stretch_of(case, show=show, order=order, past=past, merged=known.merged)
    reading = _read(case, found.events, known)
    return TimelinePage(
        entries=[_entry(stored, reading) for stored in found.events if not is_hidden(stored, reading.names)],
        opened_by=actor_name(known.opening, reading.names) if known.opening else "",
        show=show,
        order=order,
        past=past,
        more=found.more,
        total=found.total,
        folds=asked.get("unfold", ""),
    )


@dataclass(frozen=True)
class _Reading:
    """What was read for a stretch of events."""

    names: Names
    firings: Mapping[tuple[str, int | None], RuleFiring]
    states: Mapping[int, State]
    parts: Mapping[int, list[Part]]
    homes: Mapping[int, Case] = field(default_factory=dict)


def entries_of(case: Case, events: Sequence[CaseEvent], visible: Any = None) -> list[Entry]:
    """The events with all their words, in a number of queries that does not depend on how many there are."""
    reading = _read(case, events, Known())
    return [_entry(stored, reading) for stored in events]


def _read(case: Case, events: Sequence[CaseEvent], known: Known) -> _Reading:
    parts = _begun(events, known.merged)
    for reader in READERS:
        for pk, part in reader(case, events).items():
            parts.setdefault(pk, []).append(part)
    own = [stored for stored in events if stored.case_id == case.pk]
    names = names_for([*events, *([known.opening] if known.opening else [])], known.customs, known.visible)
    return _Reading(names, _firings(case, own), earlier_states(case, own), parts, known.merged)


def since(case: Case, version: int, fields: Collection[str]) -> list[Entry]:
    """What happened to these fields of the case after ``version``, the latest first, five at most."""
    types = [code for code, event in EVENTS.items() if event.may_contest().intersection(fields)]
    later = CaseEvent.objects.filter(case=case, seq__gt=version, type__in=types)
    return entries_of(case, list(later.select_related(*RELATED).order_by("-seq")[:5]))


def _entry(stored: CaseEvent, reading: _Reading) -> Entry:
    firing = reading.firings.get((stored.actor_label, stored.caused_by_id))
    is_rule, parts = stored.actor_kind == ActorKind.RULE, reading.parts.get(stored.pk, [])
    words = shown(stored, reading.names)
    home = reading.homes.get(stored.case_id)
    changes = changes_of(stored, words, None if home else reading.states.get(stored.seq))
    return Entry(
        number=stored.seq,
        code=stored.type,
        sentence=sentence(stored, reading.names),
        who=actor_name(stored, reading.names),
        kind=stored.actor_kind,
        at=stored.occurred_at,
        recorded_at=stored.recorded_at if stored.recorded_at - stored.occurred_at > _LATE else None,
        details=_rest(stored, words) if changes else details(stored, reading.names),
        note=getattr(stored, "note", None),
        why=_why(firing, parts) if firing and is_rule else None,
        message=ShownMessage(stored.message) if hasattr(stored, "message") else None,
        changes=changes,
        answers=getattr(stored, "answers", None),
        parts=parts,
        home=home,
    )


def _why(firing: RuleFiring, parts: list[Part]) -> Why:
    """Without the steps of an assignment where the decision tells them more fully."""
    said = why(firing)
    return replace(said, steps=[]) if any(part.is_quiet for part in parts) else said


def _rest(stored: CaseEvent, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Details beside what is told as a change."""
    told = told_by_changes(stored)
    facts = [fact for fact in FACTS.get(stored.type, ()) if fact.key in words and fact.key not in told]
    return [(str(fact.label), words[fact.key]) for fact in facts]


def _firings(case: Case, events: Sequence[CaseEvent]) -> dict[tuple[str, int | None], RuleFiring]:
    """(the rule's signature, the event that it answered) → the firing; no query where no rule acted."""
    causes = {stored.caused_by_id for stored in events if stored.actor_kind == ActorKind.RULE}
    if not causes:
        return {}
    rows = RuleFiring.objects.filter(case=case, event__in=causes).select_related("rule").order_by("pk")
    return {(row.rule.label, row.event_id): row for row in rows}


def _said_in(case: Case, events: Sequence[CaseEvent]) -> dict[int, Part]:
    """What the customer said when they got in touch again."""
    told = {stored.pk: stored.payload.get("interaction") for stored in events if stored.type == "interaction_attached"}
    if not told:
        return {}
    homes = {stored.case_id for stored in events}
    said = Interaction.objects.select_related("source").filter(case__in=homes).in_bulk(set(told.values()))
    return {pk: Part("case_management/case/_entry_said.html", said[at]) for pk, at in told.items() if at in said}


def _decided(case: Case, events: Sequence[CaseEvent]) -> dict[int, Part]:
    """Who was considered when the case was assigned, and why not."""
    found = decisions_in(case, events)
    return {pk: Part("case_management/case/_entry_decision.html", told, is_quiet=True) for pk, told in found.items()}


#: What else entries show: event's primary key → part. Each reads for a whole stretch at once.
READERS: tuple[Callable[[Case, Sequence[CaseEvent]], dict[int, Part]], ...] = (_said_in, _decided)


def _begun(events: Sequence[CaseEvent], merged: Mapping[int, Case]) -> dict[int, list[Part]]:
    """How merged cases began: their titles, and what their customers said first; one query, or none."""
    began = [stored for stored in events if stored.case_id in merged and stored.type == CaseOpened.code]
    told = {stored.pk: stored.payload.get("interaction") for stored in began}
    rows = Interaction.objects.select_related("source").filter(case__in={stored.case_id for stored in began})
    said = rows.in_bulk({pk for pk in told.values() if pk}) if any(told.values()) else {}
    found: dict[int, list[Part]] = {}
    for stored in began:
        case, first = merged[stored.case_id], said.get(told[stored.pk] or 0)
        is_same = first is not None and first.comment.strip() == case.description.strip()
        opening = Opening(case, "" if is_same else case.description)
        found[stored.pk] = [Part("case_management/case/_entry_opened.html", opening)]
        if first is not None:
            found[stored.pk].append(Part("case_management/case/_entry_said.html", first))
    return found
