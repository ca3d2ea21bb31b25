"""Everything that the case page shows beside the timeline, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Window
from django.utils.translation import gettext as _

from case_management.models import Case, CaseEvent, Contact, Interaction
from case_management.models.contact import PointKind
from case_management.timeline.wording import actor_name, names_for
from case_management.ui.timeline import Entry

Rows = list[tuple[str, Any]]
#: So many of the customer's own words, and of their earlier cases, are shown; the rest is counted.
MOST_WORDS, MOST_EARLIER = 20, 5
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


def words_of(case: Case) -> list[Interaction]:
    """What the customer said, the latest first."""
    said = case.interactions.select_related("source", "unit").order_by("-occurred_at", "-pk")
    return list(said[:MOST_WORDS])


def adds_something(description: str, words: list[Interaction]) -> bool:
    """Whether the description says what the customer's words above it do not."""
    return bool(description.strip()) and description.strip() not in {said.comment.strip() for said in words}


def customer_of(case: Case, visible: Any) -> Customer | None:
    """The customer, with those of their other cases that are among the ``visible`` ones."""
    if case.contact is None:
        return None
    points = list(case.contact.points.all())
    others = visible.filter(contact=case.contact).exclude(pk=case.pk)
    counted = others.annotate(of_all=Window(Count("pk"))).select_related("topic", "closure_reason")
    earlier = list(counted.order_by("-opened_at", "-pk")[:MOST_EARLIER])
    return Customer(
        contact=case.contact,
        emails=[point.value for point in points if point.kind == PointKind.EMAIL],
        phones=[point.value for point in points if point.kind == PointKind.PHONE],
        earlier=earlier,
        earlier_count=earlier[0].of_all if earlier else 0,
    )


def opened_by(case: Case, shown: list[Entry]) -> str:
    """Who opened the case; one more look only where the first entry is not on the page."""
    for entry in shown:
        if entry.number == 1:
            return entry.who
    first = CaseEvent.objects.filter(case=case, seq=1).select_related("actor").first()
    return actor_name(first, names_for([first])) if first else ""


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
