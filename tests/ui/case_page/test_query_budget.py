"""How much the page asks of the database, and how large it is, whatever the case has been through."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management.domain.actor import Actor
from case_management.domain.events import CaseAssigned, NoteAdded, NoteText, PriorityChanged
from case_management.models import Case, Contact, ContactPoint
from case_management.operations import add_note, assign_case, tag_case
from case_management.testing import make_case
from case_management.timeline.recorder import Entry, record
from tests.ui.case_page.reading import NOTE, interaction

pytestmark = pytest.mark.django_db

#: Of the whole page; and its bytes.
MOST_QUERIES, MOST_BYTES = 30, 500_000


@pytest.fixture
def lived(company: SimpleNamespace) -> Case:
    """A case with everything that the page reads for: customer, earlier case, interaction, tag, assignee, note."""
    ann = Actor.from_user(company.ann)
    contact = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=contact, kind="email", value="marta@example.com")
    about = {"unit": company.harbour, "priority": company.normal, "contact": contact, "topic": company.seat}
    make_case(**about)
    case = make_case(case_type=company.recovery, **about)
    interaction(company, case, comment="Cold meal", contact=contact)
    assign_case(case, to=company.ann, by=ann)
    tag_case(case, add=[company.angry], by=ann)
    add_note(case, text=NOTE, by=ann)
    return case


def lengthen(case: Case, company: SimpleNamespace, to: int) -> None:
    """Many more events of the kinds that it has; recorded at once, as ten thousand by hand would take minutes."""
    kinds = [
        NoteAdded(note=NoteText("A note among very many others.")),
        CaseAssigned(to=company.ben.pk, previous=company.ann.pk),
        CaseAssigned(to=company.ann.pk, previous=company.ben.pk),
        PriorityChanged(to=company.normal.pk, rank=3, previous=company.urgent.pk),
    ]
    events = [kinds[number % len(kinds)] for number in range(to - case.version)]
    record([Entry(case, events, Actor.from_user(company.ann))], quietly=True)


def test_the_page_of_ten_thousand_events_asks_no_more_and_is_no_larger_than_it_should_be(
    lived: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    browser, address = signed_in(company.ann), case_door.url("case", lived.reference)

    def count(**query: Any) -> tuple[int, int]:
        browser.get(address, query)
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(address, query)
        assert page.status_code == 200
        return len(queries), len(page.content)

    lengthen(lived, company, 100)
    few, _size = count()
    lengthen(lived, company, 10_000)
    many, size = count()
    assert (many, many <= MOST_QUERIES) == (few, True)
    assert size <= MOST_BYTES
    for query in ({"past": 5000}, {"show": "notes"}, {"show": "system"}, {"order": "oldest", "show": "messages"}):
        asked, size = count(**query)
        assert (asked <= MOST_QUERIES, size <= MOST_BYTES) == (True, True), query
