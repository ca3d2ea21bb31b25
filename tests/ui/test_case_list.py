"""The list of cases over HTTP, in both admins."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_user
from case_management.ui.lists.rail import rail

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def door(case_door):
    """The address of the list in either admin."""
    return case_door.url("list")


@pytest.fixture
def office(db):
    """Two regions, a reader everywhere and one who sees the north only."""
    north, south = (models.Unit.add_root(number=number, name=name) for number, name in (("1", "North"), ("2", "South")))
    models.Priority.objects.create(name="Normal", key="normal", rank=3)
    return SimpleNamespace(
        north=north,
        south=south,
        urgent=models.Priority.objects.create(name="Urgent", rank=1),
        reason=models.ClosureReason.objects.create(name="Solved"),
        everywhere=make_user("everywhere", role="Case manager"),
        northern=make_user("northern", role="Case manager", unit=north),
    )


def signed_in(user):
    """A browser of this person."""
    browser = Client()
    browser.force_login(user)
    return browser


def titles(response):
    """The titles in the order of the page, under their headings."""
    assert response.status_code == 200, response
    return {str(group.label): [row.case.title for row in group.rows] for group in response.context["groups"]}


def due_in(hours):
    return timezone.now() + timedelta(hours=hours)


def resolve(case, office):
    operations.resolve_case(case, operations.Resolution(office.reason, "Called and apologised"), by=BY)
    return case


def test_cases_stand_under_their_status_by_urgency_and_finished_ones_newest_first(office, door):
    make_case(title="no deadline")
    make_case(title="tomorrow", deadline=due_in(24))
    make_case(title="past due", deadline=due_in(-9))
    make_case(title="long past due", deadline=due_in(-30))
    operations.start_case(make_case(title="started", deadline=due_in(2)), by=BY)
    operations.wait_case(make_case(title="waits"), waiting_for="customer", by=BY)
    for title in ("first", "second"):
        resolve(make_case(title=title), office)
    operations.close_case(resolve(make_case(title="closed"), office), by=BY)
    assert titles(signed_in(office.everywhere).get(door)) == {
        "New": ["long past due", "past due", "tomorrow", "no deadline"],
        "In progress": ["started"],
        "Waiting": ["waits"],
        "Resolved": ["second", "first"],
        "Closed": ["closed"],
    }


def test_at_the_same_deadline_the_more_pressing_case_comes_first(office, door):
    moment = due_in(5)
    make_case(title="normal", deadline=moment)
    make_case(title="urgent", deadline=moment, priority=office.urgent)
    assert titles(signed_in(office.everywhere).get(door))["New"] == ["urgent", "normal"]


def test_other_orders_hold_inside_the_headings(office, door):
    now = timezone.now()
    for title, days, hours in (("old", 3, 1), ("middle", 2, 30), ("young", 1, 20)):
        at = Actor.importing(None, batch="b", at=now - timedelta(days=days))
        more = {"priority": office.urgent} if title == "middle" else {}
        make_case(title=title, by=at, deadline=due_in(hours), **more)
    operations.flag_case(models.Case.objects.get(title="old"), by=BY)
    browser = signed_in(office.everywhere)
    orders = {
        sort: titles(browser.get(door, {"sort": sort}))["New"] for sort in ("newest", "oldest", "updated", "priority")
    }
    assert orders == {
        "newest": ["young", "middle", "old"],
        "oldest": ["old", "middle", "young"],
        "updated": ["old", "young", "middle"],
        "priority": ["middle", "old", "young"],
    }
    assert titles(browser.get(door, {"sort": "nonsense"}))["New"] == ["old", "young", "middle"]


def test_a_row_shows_what_a_person_needs_to_choose_a_case(office, door):
    contact = models.Contact.objects.create(name="Grace Okafor")
    kind = models.CaseType.objects.create(name="Guest recovery")
    category = models.TagCategory.objects.create(name="Cause")
    case = make_case(
        title="Cold coffee",
        unit=office.north,
        contact=contact,
        case_type=kind,
        deadline=due_in(18.5),
        priority=office.urgent,
    )
    office.everywhere.first_name, office.everywhere.last_name = "Ada", "Boss"
    office.everywhere.save()
    operations.assign_case(case, to=office.everywhere, by=BY)
    operations.tag_case(case, add=[models.Tag.objects.create(name="Staffing", category=category)], by=BY)
    operations.escalate_case(case, reason="Asked for the manager", by=BY)
    operations.flag_case(case, by=BY)
    text = signed_in(office.everywhere).get(door).content.decode()
    for shown in (
        case.reference, "Cold coffee", "1 North", "Guest recovery", "Survey", "Grace Okafor", "AB", "Ada Boss",
        "Staffing", "Urgent", "Escalated", "Flagged", "18 hours left",
    ):  # fmt: skip
        assert shown in text, shown
    assert f'{door}{case.reference}/?list="' in text, "its neighbours are those of the list"


def test_what_customers_wrote_is_shown_as_text(office, door):
    make_case(title="<script>alert(1)</script>", contact=models.Contact.objects.create(name="<b>Bo</b>"))
    text = signed_in(office.everywhere).get(door).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;b&gt;Bo" in text


def test_pages_lead_forth_and_back(office, door, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "PAGE_SIZE": 4}
    for number in range(10):
        make_case(title=str(number), deadline=due_in(number + 1))
    browser, seen, query = signed_in(office.everywhere), [], ""
    for _ in range(3):
        page = browser.get(f"{door}?{query}")
        seen += titles(page)["New"]
        query = page.context["following_query"]
    assert seen == [str(number) for number in range(10)]
    assert query == ""
    back = browser.get(f"{door}?{page.context['previous_query']}")
    assert titles(back)["New"] == ["4", "5", "6", "7"]
    assert titles(browser.get(f"{door}?{back.context['previous_query']}"))["New"] == ["0", "1", "2", "3"]


def test_above_the_cap_the_list_does_not_count(office, door, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "LIST_COUNT_CAP": 2, "PAGE_SIZE": 2}
    for _ in range(3):
        make_case()
    browser = signed_in(office.everywhere)
    page = browser.get(door)
    assert page.context["total"] is None
    assert "2+ cases" in page.content.decode()
    make_case(deadline=due_in(-1))
    assert browser.get(door, {"status": "overdue"}).context["total"] == 1


def many(office, count):
    """Cases with everything that a row shows, in all statuses."""
    category, _ = models.TagCategory.objects.get_or_create(name="Cause")
    tag, _ = models.Tag.objects.get_or_create(name="Staffing", defaults={"category": category})
    drafts = [
        operations.CaseDraft(
            title=f"Case {number}",
            topic=models.Topic.objects.first() or make_case().topic,
            source=models.Source.objects.get_or_create(name=f"Source {number % 3}")[0],
            priority=office.urgent,
            unit=office.north,
            contact=models.Contact.objects.create(name=f"Guest {number}"),
        )
        for number in range(count)
    ]
    cases = operations.open_cases(drafts, by=BY)
    operations.tag_cases([case.pk for case in cases], add=[tag], by=BY)
    operations.assign_cases({case.pk: office.everywhere.pk for case in cases[::2]}, by=BY)
    resolution = operations.Resolution(office.reason, "Called and apologised")
    operations.resolve_cases([case.pk for case in cases[::5]], resolution, by=BY)


def test_the_number_of_queries_does_not_grow_with_the_cases(office, door):
    browser = signed_in(office.northern)
    many(office, 10)
    browser.get(door)
    with CaptureQueriesContext(connection) as few:
        browser.get(door)
    many(office, 490)
    with CaptureQueriesContext(connection) as lots:
        page = browser.get(door)
    assert len(lots) <= len(few)
    ours = [query["sql"] for query in lots if "wagtail" not in query["sql"]]
    assert len(ours) <= 15, "\n".join(ours)
    assert sum(len(group.rows) for group in page.context["groups"]) == 25


def test_a_reader_sees_the_same_cases_in_the_list_on_the_page_and_in_the_counts(office, door):
    other = models.Source.objects.create(name="Mail")
    hidden = make_case(title="hidden", unit=office.south)
    make_case(title="seen", unit=office.north, source=other)
    team = models.Team.objects.create(name="Care")
    team.members.add(office.northern)
    make_case(title="the team's, though in the south", unit=office.south, team=team)
    browser = signed_in(office.northern)
    page = browser.get(door)
    listed = {title for group in titles(page).values() for title in group}
    assert listed == set(visible_to(office.northern).values_list("title", flat=True))
    assert listed == {"seen", "the team's, though in the south"}
    assert page.context["total"] == len(listed)
    assert browser.get(f"{door}{hidden.reference}/").status_code == 404
    assert titles(browser.get(door, {"q": hidden.reference})) == {}
    assert titles(browser.get(door, {"q": "hidden"})) == {}


def test_every_count_of_the_rail_is_the_length_of_the_list_behind_it(office, door):
    many(office, 7)
    late = make_case(title="late", deadline=due_in(-1))
    operations.escalate_case(late, reason="Asked for the manager", by=BY)
    operations.flag_case(late, by=BY)
    flagged = models.Case.objects.filter(unit=office.north).first()
    operations.flag_for_me(flagged, by=Actor.from_user(office.northern))
    for user in (office.everywhere, office.northern):
        browser = signed_in(user)
        shown = rail(visible_to(user), user, timezone.now())
        for entry in [*shown.queues, *shown.sources]:
            assert browser.get(f"{door}?{entry.query}").context["total"] == entry.count, entry
        assert sum(entry.count for entry in shown.sources) == shown.queues[0].count
        assert (shown.gauge.resolved, shown.gauge.total) == (2, visible_to(user).count())


def test_filters_in_force_are_pills_that_take_themselves_away(office, door):
    browser = signed_in(office.everywhere)
    make_case(unit=office.north)
    pills = browser.get(f"{door}?status=new&status=open&unit=1&assignee=nobody&q=case&sort=oldest").context["pills"]
    shown = {(pill.label, pill.value): pill.query for pill in pills}
    assert set(shown) == {
        ("Status", "New"), ("Status", "Open"), ("Unit", "1 North"), ("Assignee", "nobody"), ("Search", "case"),
    }  # fmt: skip
    assert shown["Status", "New"] == "status=open&unit=1&assignee=nobody&q=case&sort=oldest"
    assert shown["Unit", "1 North"] == "status=new&status=open&assignee=nobody&q=case&sort=oldest"


def test_a_filter_that_cannot_be_read_is_named_and_never_an_error_page(office, door):
    make_case(title="secret")
    page = signed_in(office.everywhere).get(f"{door}?stauts=new&unit=77&opened_after=soon&after=forged&q=%00")
    text = page.content.decode()
    assert page.status_code == 200
    assert "There is no filter “stauts”" in text
    assert "Unit: " in text
    assert "secret" not in text.partition('id="cm-results"')[2]


def test_empty_fields_of_a_form_are_not_part_of_the_address(office, door):
    reply = signed_in(office.everywhere).get(f"{door}?q=&source=&status=new&sort=oldest")
    assert (reply.status_code, reply["Location"]) == (302, f"{door}?status=new&sort=oldest")


def test_the_panel_offers_every_filter_and_marks_what_is_chosen(office, door):
    page = signed_in(office.northern).get(f"{door}?panel=open&status=open&unit=1&priority=urgent")
    controls = {control.name: control for control in page.context["controls"]}
    assert set(controls) == {
        "status", "source", "type", "priority", "topic", "unit", "team", "assignee", "tag", "escalated", "flagged",
        "overdue", "awaiting", "snoozed", "my_teams", "merged",
    }  # fmt: skip
    assert [option.value for option in controls["unit"].options] == ["1"]
    assert [option.value for option in controls["priority"].options if option.chosen] == ["urgent"]
    assert [option.value for option in controls["assignee"].options] == ["me", "nobody", "everywhere", "northern"]


def test_a_view_is_saved_listed_shared_and_deleted_by_its_owner_alone(office, door):
    team = models.Team.objects.create(name="Care")
    team.members.set([office.everywhere, office.northern])
    owner, colleague = signed_in(office.everywhere), signed_in(office.northern)
    form = {"name": "Mine and new", "query": "status=new&assignee=me&after=x&panel=open", "team": team.pk}
    assert owner.post(f"{door}views/", form).status_code == 302
    view = models.SavedView.objects.get()
    assert (view.query, view.owner, view.team) == ("status=new&assignee=me", office.everywhere, team)
    assert "Mine and new" in colleague.get(door).content.decode()
    assert colleague.post(f"{door}views/{view.pk}/delete/").status_code == 404
    owner.post(f"{door}views/", form)
    owner.post(f"{door}views/", {"name": "Broken", "query": "unit=nowhere"})
    assert models.SavedView.objects.count() == 1
    owner.post(f"{door}views/{view.pk}/delete/")
    assert not models.SavedView.objects.exists()


def test_an_empty_list_says_what_to_do(office, door):
    browser = signed_in(office.everywhere)
    assert "Open the first case" in browser.get(door).content.decode()
    make_case()
    assert "No case fits" in browser.get(door, {"q": "unheard of"}).content.decode()


def test_the_list_is_closed_to_those_without_the_right(office, door):
    stranger = make_user("stranger")
    assert signed_in(stranger).get(door).status_code in (302, 403)
    assert Client().get(door).status_code == 302


def test_pages_carry_no_inline_script_style_or_handler(office, door):
    make_case()
    for query in ("", "panel=open"):
        ours = signed_in(office.everywhere).get(f"{door}?{query}").content.decode().partition('class="cm ')[2]
        ours = ours.partition("</main>")[0]
        assert "<script" not in ours
        assert "<style" not in ours
        assert " style=" not in ours
        assert " onclick=" not in ours
