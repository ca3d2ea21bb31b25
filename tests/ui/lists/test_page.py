"""What stands around the rows: tiles, marks, selection, search, shortcuts; in both admins."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.filters.search import hits
from case_management.testing import make_case, make_topic, make_user
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def door(case_door):
    """The address of the list in either admin."""
    return case_door.url("list")


@pytest.fixture
def office(db):
    """Two units, a manager everywhere, one of the north, and somebody who only looks."""
    north, south = (models.Unit.add_root(number=number, name=number) for number in ("N", "S"))
    return SimpleNamespace(
        north=north,
        south=south,
        reason=models.ClosureReason.objects.create(name="Solved"),
        manager=make_user("manager", role="Case manager"),
        northern=make_user("northern", role="Case manager", unit=north),
        vera=make_viewer("vera", north),
    )


def lines(page):
    return [row for group in page.context["groups"] for row in group.rows]


def resolved(office, days, hours, **facts):
    """A case that was resolved ``days`` ago after ``hours``."""
    at = timezone.now() - timedelta(days=days)
    case = make_case(by=Actor.importing(None, batch="b", at=at - timedelta(hours=hours)), **facts)
    outcome = operations.Resolution(office.reason, "Called and apologised")
    operations.resolve_case(case, outcome, by=Actor.importing(None, batch="b", at=at))


def test_every_tile_is_the_list_behind_it_over_what_the_reader_may_see(office, door, signed_in):
    for unit in (office.north, office.south):
        resolved(office, 2, 10, unit=unit)
        resolved(office, 40, 99, unit=unit)
        operations.escalate_case(make_case(unit=unit), reason="Asked for the manager", by=BY)
    resolved(office, 3, 30, unit=office.north)
    for user, average in ((office.manager, "16 hours"), (office.northern, "20 hours")):
        browser = signed_in(user)
        tiles = browser.get(door).context["rail"].tiles
        assert tiles[0].value == average
        for tile in tiles[1:]:
            assert browser.get(f"{door}?{tile.query}").context["total"] == int(tile.value), tile.label
        assert browser.get(f"{door}?{tiles[0].query}").context["total"] == int(tiles[3].value)


def test_lines_can_be_chosen_where_there_is_something_to_do_with_them(office, door, signed_in, monkeypatch):
    case = make_case(unit=office.north)
    box = f'name="case" value="{case.reference}" form="cm-bulk"'
    for user in (office.northern, office.vera):
        text = signed_in(user).get(door).content.decode()
        assert (box in text, 'id="cm-bulk"' in text) == (True, True)
    monkeypatch.setattr("case_management.ui.lists.view.offered_to", lambda user: [])
    assert box not in signed_in(office.vera).get(door).content.decode()


def test_a_line_says_whose_flag_it_is_and_until_when_it_sleeps(office, door, signed_in):
    flagged, asleep = make_case(title="flagged"), make_case(title="asleep")
    operations.flag_for_me(flagged, by=Actor.from_user(office.manager))
    operations.snooze_case(asleep, until=timezone.now() + timedelta(days=2), by=BY)
    rows = {row.case.title: row for row in lines(signed_in(office.manager).get(door))}
    assert (rows["flagged"].is_flagged_by_reader, rows["flagged"].is_asleep) == (True, False)
    assert (rows["asleep"].is_flagged_by_reader, rows["asleep"].is_asleep) == (False, True)


def test_the_clocks_of_a_line_know_the_holidays_of_its_calendar(office, door, signed_in):
    tomorrow = timezone.now().date() + timedelta(days=1)
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "24h")
    calendar = models.BusinessCalendar.objects.create(name="Always", **week)
    models.Holiday.objects.create(calendar=calendar, date=tomorrow, name="Closed")
    policy = models.SlaPolicy.objects.create(name="Standard", calendar=calendar)
    models.SlaTarget.objects.create(policy=policy, minutes=30 * 60)
    make_case(by=Actor.system("test").backdated(timezone.now() - timedelta(minutes=1)))
    (row,) = lines(signed_in(office.manager).get(door))
    assert row.case.sla_due_at - timezone.now() > timedelta(hours=50)
    assert row.clocks.business == "Business clock: 29 hours left of 30 hours"


def test_a_search_puts_the_best_match_first_over_all_statuses_and_marks_the_words(office, door, signed_in):
    resolved(office, 1, 5, title="Broken kettle")
    make_case(title="Something else", description="There was a kettle, it was not broken")
    make_case(title="No kettle")
    browser = signed_in(office.manager)
    page = browser.get(f"{door}?q=broken+kettle")
    assert [row.case.title for row in lines(page)] == ["Broken kettle", "Something else"]
    text = page.content.decode()
    assert "<mark>Broken</mark> <mark>kettle</mark>" in text
    assert [group.key for group in browser.get(f"{door}?q=broken+kettle&sort=urgency").context["groups"]] == [
        "new",
        "resolved",
    ]
    narrowed = browser.get(f"{door}?q=broken+kettle&status=new")
    assert [row.case.title for row in lines(narrowed)] == ["Something else"]
    assert "Search all cases" in browser.get(f"{door}?q=broken+kettle&status=waiting").content.decode()


def test_best_matches_have_pages_too(office, door, signed_in, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "PAGE_SIZE": 2}
    for number in range(5):
        make_case(title=f"Kettle {number}")
    browser, seen, query = signed_in(office.manager), [], "q=kettle"
    while query:
        page = browser.get(f"{door}?{query}")
        seen += [row.case.title for row in lines(page)]
        query = page.context["following_query"]
    assert sorted(seen) == [f"Kettle {number}" for number in range(5)]
    assert page.context["previous_query"] == "q=kettle&after=2"
    for odd in ("after=-1", "after=99999999999", "after=²", "after=x"):
        assert browser.get(f"{door}?q=kettle&{odd}").status_code == 200


def test_shortcuts_can_be_switched_off(office, door, signed_in):
    make_case()
    browser = signed_in(office.manager)
    assert 'data-cm-keys="on"' in browser.get(door).content.decode()
    models.Preferences.objects.create(user=office.manager, uses_shortcuts=False)
    text = browser.get(door).content.decode()
    assert 'data-cm-keys="off"' in text
    assert 'id="cm-keys"' not in text


def test_a_search_that_finds_too_many_to_rank_is_not_counted_unless_a_filter_narrows_it(
    office, door, signed_in, monkeypatch
):
    monkeypatch.setattr(hits, "MOST_RANKED", 2)
    cases = [make_case(title=f"Cold soup {number}", unit=office.north) for number in range(4)]
    operations.flag_case(cases[0], by=BY)
    browser = signed_in(office.manager)
    page = browser.get(f"{door}?q=soup")
    assert [row.case.pk for row in lines(page)] == [case.pk for case in cases]
    assert page.context["total"] is None
    assert "1000+ cases" in page.content.decode()
    narrowed = browser.get(f"{door}?q=soup&flagged=all")
    assert narrowed.context["total"] == len(lines(narrowed)) == 1


def test_what_the_count_found_few_of_is_not_looked_for_again(office, door, signed_in):
    case = make_case(title="Cold soup", unit=office.north, topic=make_topic("room"))
    browser = signed_in(office.manager)
    with CaptureQueriesContext(connection) as asked:
        assert len(lines(browser.get(f"{door}?unit=N&topic={case.topic.key}"))) == 1
    assert sum('"case_management_topic" U' in query["sql"] for query in asked.captured_queries) == 1
