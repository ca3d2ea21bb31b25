"""Everything that the case page shows beside the timeline, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery, Sum, When, Window
from django.utils.translation import gettext as _

from case_management.domain.states import OPEN
from case_management.models import Case, CaseEvent, CaseFlag, Contact, ContactPoint, Interaction
from case_management.models.contact import PointKind
from case_management.sla.calendar import Calendar
from case_management.sla.hours_kept import HoursKept
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.ties import is_tied

Rows = list[tuple[str, Any]]
#: So many of the customer's own words, and of their earlier cases, are shown; the rest is counted.
MOST_WORDS, MOST_EARLIER = 20, 5
#: So many of them are looked at for what may be the same matter.
MOST_OTHERS = 40
#: One merge takes a hundred cases at most.
MOST_MERGED = 200
#: Texts from outside are shown up to this length.
LONGEST = 2000


@dataclass(frozen=True)
class Customer:
    """The case's contact as this reader may see them."""

    contact: Contact
    emails: list[str]
    phones: list[str]
    earlier: list[Case]
    earlier_count: int
    open_count: int = 0
    last_at: datetime | None = None

    @property
    def unlisted(self) -> int:
        """How many of the other cases are only counted."""
        return self.earlier_count - len(self.earlier)


def words_of(case: Case) -> list[Interaction]:
    """What the customer said, the latest first."""
    said = case.interactions.select_related("source", "unit").order_by("-occurred_at", "-pk")
    return list(said[:MOST_WORDS])


def adds_something(description: str, words: list[Interaction]) -> bool:
    """Whether the description says what the customer's words above it do not."""
    return bool(description.strip()) and description.strip() not in {said.comment.strip() for said in words}


def others_of(case: Case, visible: Any) -> list[Any]:
    """Of the ``visible`` cases those of the same customer, or of somebody with the same address: open ones first.

    Each says how many there are of the customer's own (``of_all``, ``of_open``) and when the last one was opened.
    """
    if case.contact_id is None:
        return []
    own = Q(contact=case.contact_id)
    points = ContactPoint.objects.filter(contact=case.contact_id).order_by().values("normalised")
    sharing = ContactPoint.objects.filter(normalised__in=points).order_by().values("contact")
    still_open = Choose(When(own, status__in=[status.value for status in OPEN], then=1), default=0)
    counted = visible.filter(own | Q(contact__in=sharing)).exclude(pk=case.pk).annotate(is_due=still_open)
    counted = counted.annotate(
        of_all=Window(Count("pk", filter=own)),
        of_open=Window(Sum("is_due")),
        last_at=Window(Max("opened_at", filter=own)),
    )
    ordered = counted.select_related("closure_reason").defer("description")
    return list(ordered.order_by("-is_due", "-opened_at", "-pk")[:MOST_OTHERS])


def customer_of(case: Case, others: list[Any]) -> Customer | None:
    """The customer, with the first of their other cases."""
    if case.contact is None:
        return None
    points = list(case.contact.points.all())
    first = others[0] if others else None
    return Customer(
        contact=case.contact,
        emails=[point.value for point in points if point.kind == PointKind.EMAIL],
        phones=[point.value for point in points if point.kind == PointKind.PHONE],
        earlier=[other for other in others if other.contact_id == case.contact_id][:MOST_EARLIER],
        earlier_count=first.of_all if first else 0,
        open_count=first.of_open if first else 0,
        last_at=first.last_at if first else None,
    )


def beside_the_row(reader: Any) -> dict[str, Any]:
    """What is read along with the case's row: the reader's flag, who opened it, whether others were merged into it."""
    opening = CaseEvent.objects.filter(case=OuterRef("pk"), seq=1)
    return {
        "flagged_by_reader": Exists(CaseFlag.objects.filter(case=OuterRef("pk"), user=reader)),
        "is_tied": is_tied(),
        "has_merged": Exists(Case.objects.filter(merged_into=OuterRef("pk")).order_by()),
        "opening_kind": Subquery(opening.values("actor_kind")),
        "opening_label": Subquery(opening.values("actor_label")),
        "opening_actor": Subquery(opening.values("actor")),
    }


def opening_of(case: Any) -> CaseEvent:
    """Who opened the case, as the event that says so; of :func:`beside_the_row`."""
    by = {"actor_label": case.opening_label or "", "actor_id": case.opening_actor}
    return CaseEvent(type="", payload={}, actor_kind=case.opening_kind or "", **by)


def merges_of(case: Any, visible: Any) -> tuple[Case | None, list[Case]]:
    """Where the case went, and what was merged into it, the latest first: what the reader may see of it."""
    if not (case.merged_into_id or case.has_merged):
        return None, []
    beside = Q(merged_into=case.pk) | Q(pk=case.merged_into_id) if case.merged_into_id else Q(merged_into=case.pk)
    found = list(visible.filter(beside).order_by("-closed_at", "-pk")[:MOST_MERGED])
    into = next((other for other in found if other.pk == case.merged_into_id), None)
    return into, [other for other in found if other.pk != case.merged_into_id]


def calendar_of(case: Case) -> Calendar | None:
    """The hours that the case's clock runs on, as the clocks want them: those of its version, at no further query."""
    if case.sla_calendar is not None:
        return HoursKept.from_json(case.sla_calendar.hours).calendar
    if case.sla_policy is None:
        return None
    row = case.sla_policy.calendar
    return HoursKept.of(row, row.holidays.values_list("date", "hours", "name")).calendar


def outcome_of(case: Case) -> Rows:
    """How the case ended, or why it came back."""
    rows: Rows = [
        (_("Closure reason"), case.closure_reason),
        (_("Resolution method"), case.resolution_method),
        (_("Close channel"), case.close_channel),
    ]
    if case.is_open:
        rows = [(_("Reopen reason"), case.reopen_reason), (_("Closure reason before"), case.closure_reason)]
    return [(label, value) for label, value in rows if value]


@dataclass(frozen=True, slots=True)
class TagsOf:
    """The case's tags of one category; ``is_required``: it cannot be resolved without one of them."""

    name: str
    is_required: bool
    has: list[str]


def tags_of(desk: Desk) -> list[TagsOf]:
    """All categories in their order, those without a tag of the case too."""
    own = desk.own_tags
    return [
        TagsOf(group.name, group.is_required, [name for pk, name in group.tags if pk in own])
        for group in desk.tag_groups
    ]


def visit_of(words: list[Interaction]) -> Rows:
    """Facts of the visit, from the latest interaction that has some."""
    visit: dict[str, Any] = next((said.visit for said in words if isinstance(said.visit, dict) and said.visit), {})
    return [(_readable(key), _plain(value)) for key, value in visit.items() if value not in (None, "", [], {})]


def questions_of(words: list[Interaction]) -> list[tuple[Interaction, Rows]]:
    """Survey questions and answers of each interaction that has some."""
    asked = ((said, said.answers) for said in words if isinstance(said.answers, dict) and said.answers)
    return [
        (said, [(str(question), _plain(answer)) for question, answer in answers.items()]) for said, answers in asked
    ]


def _readable(key: Any) -> str:
    """A fact's name as people write it: ``date_flown`` → ``Date flown``."""
    words = str(key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _plain(value: Any) -> str:
    if value is True or value is False:
        return _("yes") if value else _("no")
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)[:LONGEST]
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(item)}" for key, item in value.items())[:LONGEST]
    return str(value)[:LONGEST]
