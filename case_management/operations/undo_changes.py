"""Undo: cases become again what they were before a wide change, by one more event each; history stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from case_management.access import visible_units
from case_management.access.rights import held_roots
from case_management.domain.actor import Actor
from case_management.domain.events import ChangeUndone, Event, TagsChanged, stored_fact
from case_management.exceptions import NothingToChange, RightMissing, StaleCase
from case_management.models import Case, CaseEvent, Team
from case_management.models.among import among
from case_management.operations.applying import Decide, Outcome, decide_each
from case_management.timeline.projection import fold

#: Case id → number of the first and of the last event that the change recorded there.
Spans = Mapping[int, tuple[int, int]]


def undo_changes(spans: Spans, *, change_set: int, right: str, by: Actor, check_only: bool = False) -> Outcome:
    """Take back, case by case, what the events of ``spans`` changed; the facts hold again that held before them.

    A case is refused with StaleCase where a later event touched the same facts or tags; the message names them, who
    and when. ``right`` is what the change itself needed: it must be held on the case as it is, or, by the person who
    made the change, on the case as it will be again.
    """

    def plan(ids: list[int]) -> Decide:
        stories, reach = _stories(ids, spans), _Reach(by, right, by.allowed_among(right, ids))

        def decide(case: Case) -> list[Event]:
            story = stories[case.pk]
            reach.require(case, story)
            story.require_untouched()
            return story.undoing(change_set)

        return decide

    return decide_each("undo", list(spans), plan, by=by, check_only=check_only)


@dataclass
class _Story:
    """What a change did to one case, and who touched the same since."""

    restored: dict[str, Any] = field(default_factory=dict)
    tags_back: set[int] = field(default_factory=set)
    tags_off: set[int] = field(default_factory=set)
    made_by: set[int | None] = field(default_factory=set)
    conflicts: list[tuple[CaseEvent, list[str]]] = field(default_factory=list)

    @classmethod
    def of(cls, events: list[CaseEvent], span: tuple[int, int]) -> _Story:
        """Fold up to the change, then through it; look at what came after."""
        first, last = span
        folded, blank = fold(events[: first - 1]), Case()
        values, tags, touched = dict(folded.values), set(folded.tags), set[str]()
        for stored in events[first - 1 : last]:
            event = stored.decoded()
            touched |= event.touched()
            folded.apply(event, stored.occurred_at)
        before = {name: values.get(name, getattr(blank, name)) for name in touched}
        story = cls(
            restored={name: value for name, value in before.items() if folded.values.get(name) != value},
            tags_back=tags - folded.tags,
            tags_off=folded.tags - tags,
            made_by={stored.actor_id for stored in events[first - 1 : last]},
        )
        story.conflicts = [(stored, names) for stored in events[last:] if (names := story._shared(stored.decoded()))]
        return story

    def _shared(self, event: Event) -> list[str]:
        """The facts that a later event touched as well, as the project names them."""
        names = [_label(name) for name in sorted(event.touched() & self.restored.keys())]
        moved = {*event.added, *event.removed} if isinstance(event, TagsChanged) else set[int]()
        return names + ([_("tags")] if moved & (self.tags_back | self.tags_off) else [])

    def require_untouched(self) -> None:
        """Raise StaleCase that names the latest change of the same."""
        if not self.conflicts:
            return
        stored, names = self.conflicts[-1]
        at = formats.date_format(timezone.localtime(stored.occurred_at), "SHORT_DATETIME_FORMAT")
        message = _("%(who)s changed it afterwards, on %(when)s: %(what)s. The case stays as it is.")
        facts = {"who": stored.actor_label or "?", "when": at, "what": ", ".join(names)}
        conflict = {"fields": names, "by": stored.actor_label, "event": stored.type, "at": at}
        raise StaleCase(message % facts, conflicts=[conflict])

    def undoing(self, change_set: int) -> list[Event]:
        """The events that take it back."""
        if not self.made_by:
            raise NothingToChange(_("The change recorded nothing here."))
        restored = {name: stored_fact(value) for name, value in sorted(self.restored.items())}
        events: list[Event] = [ChangeUndone(change_set=change_set, restored=restored)]
        if self.tags_back or self.tags_off:
            added, removed = tuple(sorted(self.tags_back)), tuple(sorted(self.tags_off))
            events.append(TagsChanged(added=added, removed=removed))
        return events


def facts_before(case: Case, number: int) -> dict[str, Any]:
    """The facts that event ``number`` of the case changed, as they were; StaleCase where they changed again since."""
    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    story = _Story.of(events, (number, number))
    story.require_untouched()
    return story.restored


def _stories(ids: list[int], spans: Spans) -> dict[int, _Story]:
    events: dict[int, list[CaseEvent]] = defaultdict(list)
    for stored in CaseEvent.objects.filter(case_id__in=among(CaseEvent, ids)).order_by("case_id", "seq"):
        events[stored.case_id].append(stored)
    return {pk: _Story.of(events[pk], spans[pk]) for pk in ids}


class _Reach:
    """Whether the actor may take a change back on a case as it is, or as it will be again."""

    def __init__(self, by: Actor, right: str, allowed: set[int]) -> None:
        self.by, self.right, self.allowed = by, right, allowed
        self._units: set[int] | None = None
        self._teams: set[int] = set()
        self._holds = False

    def require(self, case: Case, story: _Story) -> None:
        """Raise RightMissing otherwise."""
        if case.pk in self.allowed:
            return
        moved = {"unit_id", "team_id", "assignee_id"} & story.restored.keys()
        if not (moved and story.made_by == {self.by.user_id} and self._reaches(case, story.restored)):
            raise RightMissing(self.by.refusal(self.right), permission=self.right)

    def _reaches(self, case: Case, restored: Mapping[str, Any]) -> bool:
        if self._units is None:
            self._units = set(visible_units(self.by.user, self.right).values_list("pk", flat=True))
            self._teams = set(Team.objects.filter(members=self.by.user).values_list("pk", flat=True))
            self._holds = self.by.user.is_active and bool(held_roots(self.by.user, self.right))
        again = {name: restored.get(name, getattr(case, name)) for name in ("unit_id", "team_id", "assignee_id")}
        own = again["assignee_id"] == self.by.user_id or again["team_id"] in self._teams
        return again["unit_id"] in self._units or (own and self._holds)


def _label(name: str) -> str:
    return str(getattr(Case._meta.get_field(name.removesuffix("_id")), "verbose_name", name))
