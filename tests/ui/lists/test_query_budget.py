"""How often a page of the list asks the database, in both shells and every state; never more for more cases."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_topic, make_user

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def office(db):
    """Somebody who sees everything and somebody of the north, both in a team, with a view; a tagged, timed list."""
    north = models.Unit.add_root(number="N", name="North")
    team = models.Team.objects.create(name="Care")
    readers = {
        "everything": make_user("everything", role="Case manager"),
        "bound": make_user("bound", role="Case manager", unit=north),
    }
    team.members.set(readers.values())
    for reader in readers.values():
        view = models.SavedView.objects.create(owner=reader, name="Open", query="status=open")
        models.ViewChoice.objects.create(user=reader, view=view, is_pinned=True)
    options = [{"key": "sea", "label": "Sea"}, {"key": "yard", "label": "Yard"}]
    models.CustomField.objects.create(name="Outlook", key="outlook", kind="choice", options=options, is_filterable=True)
    category = models.TagCategory.objects.create(name="Cause")
    return SimpleNamespace(
        north=north,
        readers=readers,
        team=team,
        topic=make_topic("room"),
        tag=models.Tag.objects.create(name="Staffing", key="staffing", category=category),
        priority=models.Priority.objects.create(name="Urgent", key="urgent", rank=1),
        sources=[models.Source.objects.create(name=f"Source {n}", key=f"source-{n}") for n in range(3)],
        reason=models.ClosureReason.objects.create(name="Solved"),
    )


def fill(office, count):
    """Cases with everything that a line shows, in several statuses."""
    first = models.Contact.objects.count()
    contacts = [models.Contact.objects.create(name=f"Guest {first + number}") for number in range(count)]
    drafts = [
        operations.CaseDraft(
            title=f"Kettle {number}",
            description="The kettle leaks",
            topic=office.topic,
            source=office.sources[number % 3],
            priority=office.priority,
            unit=office.north,
            contact=contact,
        )
        for number, contact in enumerate(contacts)
    ]
    cases = operations.open_cases(drafts, by=BY)
    operations.tag_cases([case.pk for case in cases], add=[office.tag], by=BY)
    operations.assign_cases({case.pk: office.readers["bound"].pk for case in cases[::2]}, by=BY)
    resolution = operations.Resolution(office.reason, "Called and apologised")
    operations.resolve_cases([case.pk for case in cases[::5]], resolution, by=BY)
    if connection.vendor == "postgresql":  # what autovacuum does for rows that stay
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return cases


#: Questions beyond the frame that the shell puts around every page: who is signed in, rights, the admin's own menu.
OURS = {
    "view=all": 5,
    "source=source-1": 6,
    "unit=N": 6,
    "unit=N&topic=room&tag=staffing": 6,
    "unit=N&topic=room&tag=staffing&source=source-1&priority=urgent&assignee=bound": 6,
    "q={reference}": 6,
    "q=kettle": 5,
    "q=kettle&topic=room": 7,
    "q=quokkas": 4,
    "q=quokkas drink kettles": 5,
    "panel=open": 6,
    "topic=room&panel=open": 7,
    "q=kettle&panel=open": 7,
}
#: Where nothing is found PostgreSQL is asked for what was meant.
GUESSES = {"postgresql": 1, "sqlite": 0}
#: Of a page with its frame, whatever is asked.
MOST = 15


def asked(browser: Any, address: str) -> list[str]:
    """The statements of the second of two equal requests, without the savepoints that only a test's transaction has."""
    browser.get(address)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in found.captured_queries if "SAVEPOINT" not in query["sql"]]


def frame(browser: Any, door: Any) -> int:
    """What an empty page of this shell asks without what is known of the reader and without its changes."""
    own = ("case_management_preferences", "case_management_changeset")
    return sum(not any(f'FROM "{table}"' in sql for table in own) for sql in asked(browser, door.url("changes")))


@pytest.mark.parametrize("count", [10, 500])
def test_a_page_asks_so_often_and_never_more(office, case_door, signed_in, count):
    cases = fill(office, count)
    for name, reader in office.readers.items():
        browser = signed_in(reader)
        around, seen = frame(browser, case_door), {}
        for query in OURS:
            statements = asked(browser, f"{case_door.url('list')}?{query.format(reference=cases[0].reference)}")
            seen[query] = len(statements) - around
            assert len(statements) <= MOST, "\n".join(statements)
        guessed = {query: times + GUESSES[connection.vendor] for query, times in OURS.items() if "quokkas" in query}
        assert seen == OURS | guessed, name
