"""Putting the entries of a list in order, in both admins: one statement, the right to the list, ranks reach cases."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from case_management import models
from case_management.models import ChangeSet, ClosureReason, Priority, Rule, Tag, TagCategory
from case_management.testing import make_case, make_topic
from case_management.ui.setup.places import Move, move, places_of, rising
from case_management.ui.setup.screens import SCREENS
from tests.ui.setup.doors import SCREEN, Door, client_of, refused, rows_of, user_with

pytestmark = pytest.mark.django_db

ORDERED = {
    "casetype", "customfield", "priority", "source", "closurereason", "reopenreason", "resolutionmethod",
    "closechannel", "notesubject", "tagcategory", "tag", "team", "slapolicy", "rule", "businesscalendar",
    "topic", "macro", "skill", "assignmentchain",
}  # fmt: skip


def order_url(door: Door, name: str) -> str:
    namespace = "case_management" if door.name == "wagtail" else "admin:case_management"
    return reverse(f"{namespace}:entry_order", args=[name])


@pytest.fixture
def reasons(db):
    """Four of them, in the order of the alphabet."""
    return [ClosureReason.objects.create(name=name) for name in ("Apple", "Birch", "Cedar", "Damson")]


def names(model=ClosureReason) -> str:
    return "".join(row.name[0] for row in model.objects.all())


def test_every_list_with_an_order_of_its_own_has_the_page_and_no_other(admin, door):
    make_topic("seat")
    answers = {screen.name: admin.get(order_url(door, screen.name)).status_code for screen in SCREENS}
    assert {name for name, status in answers.items() if status == 200} == ORDERED
    assert {status for name, status in answers.items() if name not in ORDERED} == {404}
    assert admin.get(order_url(door, "nonsense")).status_code == 404


def test_the_list_leads_to_the_page_and_the_page_back(admin, door, reasons):
    there = door.url(SCREEN["closurereason"], "list")
    assert f'href="{order_url(door, "closurereason")}"' in admin.get(there).content.decode()
    assert f'href="{there}"' in admin.get(order_url(door, "closurereason")).content.decode()
    assert "/order/" not in admin.get(door.url(SCREEN["unit"], "list")).content.decode()


@pytest.mark.parametrize(
    ("which", "words", "after"),
    [
        (2, "up", "ACBD"), (0, "down", "BACD"), (3, "first", "DABC"), (0, "last", "BCDA"), (3, "before 1", "ADBC"),
        (0, "before 3", "BCAD"), (0, "up", "ABCD"), (3, "down", "ABCD"), (3, "last", "ABCD"), (0, "before 1", "ABCD"),
    ],
)  # fmt: skip
def test_an_entry_goes_where_it_is_sent(admin, door, reasons, which, words, after):
    to, *others = words.split()
    sent = " ".join([str(reasons[which].pk), to, *(str(reasons[int(other)].pk) for other in others)])
    assert admin.post(order_url(door, "closurereason"), {"move": sent}).status_code == 302
    assert names() == after


def test_topics_are_ordered_among_their_siblings_and_take_what_lies_below_along(admin, door):
    food, seat, wagon = (models.Topic.add_root(name=name, key=name.lower()) for name in ("Food", "Seat", "Wagon"))
    for name in ("Cold", "Dear"):
        models.Topic.objects.get(pk=food.pk).add_child(name=name, key=name.lower())
    url, outline = order_url(door, "topic"), lambda: [topic.indented() for topic in models.Topic.objects.all()]
    assert ">Food</h2>" in admin.get(url).content.decode()
    dear = models.Topic.objects.get(key="dear")
    admin.post(url, {"move": f"{food.pk} down"})
    admin.post(url, {"move": f"{dear.pk} first"})
    assert outline() == ["Seat", "Food", "– Dear", "– Cold", "Wagon"]
    admin.post(url, {"move": f"{wagon.pk} before {seat.pk}"})
    admin.post(url, {"move": f"{seat.pk} last"})
    assert outline() == ["Wagon", "Food", "– Dear", "– Cold", "Seat"]
    reply = admin.post(url, {"move": f"{dear.pk} before {seat.pk}"}, follow=True)
    assert "not possible" in reply.content.decode(), "the other one stands elsewhere in the tree"
    assert models.Topic.find_problems() == ([], [], [], [], [])


def test_after_a_move_the_page_says_the_new_place_and_the_pressed_button_has_the_focus(admin, door, reasons):
    url = order_url(door, "closurereason")
    reply = admin.post(url, {"move": f"{reasons[2].pk} up"})
    assert reply.url.endswith(f"#cm-entry-{reasons[2].pk}")
    page = admin.get(reply.url).content.decode()
    assert "“Cedar” is number 2 of 4 now." in page
    assert focused(page) == [f"{reasons[2].pk} up"]
    page = admin.post(url, {"move": f"{reasons[2].pk} up"}, follow=True).content.decode()
    assert focused(page) == [f"{reasons[2].pk} down"], "a button that is off cannot have it"
    assert focused(admin.get(url).content.decode()) == []


def focused(page: str) -> list[str]:
    """The values of the buttons that have the focus when the page opens."""
    buttons = re.findall(r'<button[^>]*name="move"[^>]*>', page)
    return [re.search(r'value="([^"]+)"', button)[1] for button in buttons if "autofocus" in button]


@pytest.mark.parametrize("sent", ["", "up", "x up", "1", "1 sideways", "1 before", "1 before x", "² up", "1 up up"])
def test_what_is_not_a_move_changes_nothing_and_says_so(admin, door, reasons, sent):
    reply = admin.post(order_url(door, "closurereason"), {"move": sent}, follow=True)
    assert "This move is not possible any more" in reply.content.decode()
    assert names() == "ABCD"


def test_an_entry_that_is_gone_or_itself_is_no_neighbour(admin, door, reasons):
    url, gone = order_url(door, "closurereason"), reasons[1].pk
    reasons[1].delete()
    for sent in (f"{gone} up", f"{reasons[0].pk} before {gone}", f"{reasons[0].pk} before {reasons[0].pk}"):
        assert "not possible" in admin.post(url, {"move": sent}, follow=True).content.decode()
    assert names() == "ACD"


@pytest.mark.parametrize("name", sorted(ORDERED))
def test_only_who_may_change_the_list_orders_it(door, name):
    reader = client_of(user_with("view_case", "change_case", f"view_{name}", "add_case"))
    assert reader.get(order_url(door, name)).status_code in (302, 403)
    assert reader.post(order_url(door, name), {"move": "1 up"}).status_code in (302, 403)
    assert "/order/" not in reader.get(door.url(SCREEN[name], "list")).content.decode()
    assert client_of(user_with(f"change_{name}")).get(order_url(door, name)).status_code == 200


def test_moving_takes_as_many_queries_among_four_as_among_forty(admin, door):
    counts = []
    for number in (4, 36):
        for each in range(number):
            ClosureReason.objects.create(name=f"Reason {number}-{each:02}")
        last = ClosureReason.objects.last()
        url = order_url(door, "closurereason")
        admin.get(url)
        with CaptureQueriesContext(connection) as asked:
            admin.post(url, {"move": f"{last.pk} first"})
            admin.get(url)
        counts.append(len(asked))
        updates = [query for query in asked.captured_queries if query["sql"].startswith("UPDATE")]
        assert len([query for query in updates if "closurereason" in query["sql"]]) == 1
    assert counts[0] == counts[1]


def test_tags_move_inside_their_category(admin, door):
    mood, cause = (TagCategory.objects.create(name=name, position=n) for n, name in enumerate(("Mood", "Cause")))
    angry, calm = (Tag.objects.create(name=name, category=mood) for name in ("Angry", "Calm"))
    broken = Tag.objects.create(name="Broken", category=cause)
    url = order_url(door, "tag")
    page = admin.get(url).content.decode()
    assert page.index("Mood") < page.index("Calm") < page.index("Cause") < page.index("Broken")
    admin.post(url, {"move": f"{calm.pk} up"})
    assert names(Tag) == "CAB"
    admin.post(url, {"move": f"{calm.pk} before {broken.pk}"})
    assert names(Tag) == "CAB", "a move does not change the category"
    assert angry.category_id == mood.pk


def test_rules_are_ordered_by_occasion_and_only_those_that_act(admin, door):
    def rule(name, **facts):
        facts = {"occasion": "case_opened", "actions": [], **facts}
        return Rule.objects.create(name=name, key=name.lower(), **facts)

    first, second = rule("First"), rule("Second")
    rule("Elsewhere", occasion="interaction_received")
    rule("Retired", state="retired")
    url = order_url(door, "rule")
    assert "Retired" not in admin.get(url).content.decode()
    admin.post(url, {"move": f"{second.pk} up"})
    assert [row.name for row in Rule.objects.live("case_opened")] == ["Second", "First"]
    assert Rule.objects.get(pk=second.pk).version == 1
    assert first.pk


def test_a_moved_priority_gets_a_rank_and_open_cases_follow(admin, door):
    high, low = Priority.objects.create(name="High", rank=2), Priority.objects.create(name="Low", rank=5)
    of_high, of_low = make_case(priority=high), make_case(priority=low)
    admin.post(order_url(door, "priority"), {"move": f"{low.pk} first"})
    assert dict(Priority.objects.values_list("name", "rank")) == {"Low": 2, "High": 5}
    for case, rank in ((of_high, 5), (of_low, 2)):
        case.refresh_from_db()
        assert case.priority_rank == rank
        assert case.events.last().type == "priority_changed"


def test_without_the_right_to_change_cases_ranks_change_and_cases_stay(door):
    high, low = Priority.objects.create(name="High", rank=2), Priority.objects.create(name="Low", rank=5)
    case = make_case(priority=low)
    client_of(user_with("change_priority")).post(order_url(door, "priority"), {"move": f"{low.pk} up"})
    case.refresh_from_db()
    assert (case.priority_rank, Priority.objects.get(pk=high.pk).rank) == (5, 5)
    assert not ChangeSet.objects.exists()


def test_moving_nowhere_does_not_start_a_change_of_cases(admin, door):
    high = Priority.objects.create(name="High", rank=2)
    make_case(priority=high)
    admin.post(order_url(door, "priority"), {"move": f"{high.pk} up"})
    assert not ChangeSet.objects.exists()


def test_what_is_switched_off_keeps_its_place_and_is_marked(admin, door, reasons):
    ClosureReason.objects.filter(pk=reasons[1].pk).update(is_active=False)
    page = admin.get(order_url(door, "closurereason")).content.decode()
    assert page.count("not active") == 1
    admin.post(order_url(door, "closurereason"), {"move": f"{reasons[1].pk} last"})
    assert names() == "ACDB"


def test_a_new_entry_is_preset_to_come_after_a_list_that_was_put_in_order(admin, door, reasons):
    add = door.url(SCREEN["closurereason"], "add")
    assert position_on(admin.get(add)) == 0
    move(places_of(ClosureReason), Move(reasons[3].pk, "first"))
    assert position_on(admin.get(add)) == 5
    reply = admin.post(add, {"name": "Elm", "position": "x", "is_active": "on"})
    assert refused(reply, "position")
    admin.post(add, {"name": "Elm", "position": "5", "is_active": "on"})
    assert names() == "DABCE"
    assert len(rows_of(admin.get(door.url(SCREEN["closurereason"], "list")))) == 5


def position_on(reply) -> int:
    form = reply.context["adminform"].form if "adminform" in reply.context else reply.context["form"]
    return form["position"].value()


def test_numbers_rise_keep_their_gaps_and_fit_into_the_column():
    assert rising([0, 0, 0]) == [1, 2, 3]
    assert rising([30, 10, 20]) == [10, 20, 30]
    assert rising([5, 5, 6]) == [5, 6, 7]
    assert rising([32_767, 32_767]) == [1, 2]
    assert rising([]) == []


def test_the_order_reaches_the_form_that_offers_it(admin, door, reasons):
    assert models.Topic.objects.count() == 0
    from case_management.ui.forms.resolve import ResolveForm

    admin.post(order_url(door, "closurereason"), {"move": f"{reasons[3].pk} first"})
    offered = [str(label) for _value, label in ResolveForm.base_fields["closure_reason"].choices if _value]
    assert offered[0] == "Damson"
