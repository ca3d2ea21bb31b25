"""Merging one entry of a list into another, in both admins: seen before it is done, done for every case, undoable."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models
from case_management.bulk.run import run_now
from case_management.bulk.start import start_undo
from case_management.models import ChangeSet, ClosureReason, Membership, Priority, Rule, Tag, TagCategory, Unit
from case_management.testing import make_case, make_topic, make_user
from tests.ui.setup.doors import SCREEN, Door, client_of, user_with

pytestmark = pytest.mark.django_db


def merge_url(door: Door, entry) -> str:
    from django.urls import reverse

    namespace = "case_management" if door.name == "wagtail" else "admin:case_management"
    return reverse(f"{namespace}:entry_merge", args=[entry._meta.model_name, entry.pk])


@pytest.fixture
def pair(db):
    return make_topic("old"), make_topic("new")


def sent(pair, expected):
    return {"into": pair[1].pk, "expected": expected}


def test_the_page_asks_into_what_then_shows_how_many_cases_would_move(admin, door, pair):
    for _each in range(3):
        make_case(topic=pair[0])
    url = merge_url(door, pair[0])
    asked = admin.get(url).content.decode()
    assert "Merge into" in asked
    assert f'value="{pair[0].pk}"' not in asked, "nothing is merged into itself"
    shown = admin.get(f"{url}?into={pair[1].pk}").content.decode()
    assert "3 cases will carry it instead" in shown
    assert models.Case.objects.filter(topic=pair[0]).count() == 3, "looking changes nothing"


def test_confirming_moves_every_case_and_switches_the_entry_off(admin, door, pair):
    cases = [make_case(topic=pair[0]) for _each in range(3)]
    reply = admin.post(merge_url(door, pair[0]), sent(pair, 3), follow=True)
    assert "3 cases carry “New” now" in reply.content.decode()
    assert not models.Case.objects.filter(topic=pair[0]).exists()
    assert [case.events.last().type for case in cases] == ["entry_replaced"] * 3
    pair[0].refresh_from_db()
    assert not pair[0].is_active


def test_a_merge_can_be_taken_back(admin, door, pair):
    case = make_case(topic=pair[0])
    admin.post(merge_url(door, pair[0]), sent(pair, 1))
    change = ChangeSet.objects.get()
    undo = start_undo(change, change.requested_by)
    run_now(undo)
    case.refresh_from_db()
    assert case.topic_id == pair[0].pk


def test_more_cases_than_were_shown_are_not_moved(admin, door, pair):
    make_case(topic=pair[0])
    make_case(topic=pair[0])
    reply = admin.post(merge_url(door, pair[0]), sent(pair, 1), follow=True)
    assert "2 cases, not 1" in reply.content.decode()
    pair[0].refresh_from_db()
    assert (pair[0].is_active, models.Case.objects.filter(topic=pair[0]).count()) == (True, 2)


@pytest.mark.parametrize(
    "data", [{}, {"into": "x", "expected": "0"}, {"into": "0", "expected": "0"}, {"into": "{new}"}]
)
def test_a_malformed_confirmation_changes_nothing(admin, door, pair, data):
    data = {key: value.format(new=pair[1].pk) for key, value in data.items()}
    assert admin.post(merge_url(door, pair[0]), data).status_code == 422
    assert not ChangeSet.objects.exists()


def test_an_entry_that_live_rules_name_is_not_merged_and_they_are_named(admin, door, pair):
    Rule.objects.create(
        name="Seat rule", key="seat", occasion="case_opened", is_active=True,
        conditions={"field": "topic", "is": "equal", "value": "old"}, actions=[],
    )  # fmt: skip
    url = merge_url(door, pair[0])
    assert "Seat rule" in admin.get(url).content.decode()
    assert admin.post(url, sent(pair, 0)).status_code == 422
    assert not ChangeSet.objects.exists()


def test_tags_and_reasons_are_merged_too(admin, door):
    category = TagCategory.objects.create(name="Cause")
    for make in (
        lambda name: Tag.objects.create(name=name, category=category),
        lambda name: ClosureReason.objects.create(name=name),
    ):
        pair = make("Old"), make("New")
        assert admin.post(merge_url(door, pair[0]), sent(pair, 0)).status_code == 302


@pytest.mark.parametrize("rights", [("change_case",), ("change_topic",), ("change_case", "change_topic")])
def test_only_who_changes_the_list_and_every_case_may_merge(door, pair, rights):
    unit = Unit.add_root(number="N", name="North")
    user = user_with("view_case", "view_topic", *rights)
    user.case_memberships.update(unit=unit)
    for reply in (client_of(user).get(merge_url(door, pair[0])), client_of(user).post(merge_url(door, pair[0]), {})):
        assert reply.status_code in (302, 403)
    assert not ChangeSet.objects.exists()


def test_lists_that_cannot_be_merged_have_no_such_page(admin, door):
    source = models.Source.objects.create(name="Survey")
    assert admin.get(merge_url(door, source)).status_code == 404


def test_the_form_says_what_an_entry_is_used_by_and_leads_to_its_cases(admin, door, pair):
    make_case(topic=pair[0])
    page = admin.get(door.url(SCREEN["topic"], "change", pair[0].pk)).content.decode()
    assert "1 case<" in page
    assert "?topic=old" in page
    assert merge_url(door, pair[0]) in page


def test_use_is_counted_as_far_as_the_reader_sees_it(door, pair):
    north, south = Unit.add_root(number="N", name="North"), Unit.add_root(number="S", name="South")
    make_case(topic=pair[0], unit=north)
    for _each in range(6):
        make_case(topic=pair[0], unit=south)
    user = user_with("view_topic", "change_topic", "delete_topic")
    reader = Group.objects.create(name="Reader")
    reader.permissions.add(Permission.objects.get(codename="view_case"))
    Membership.objects.create(user=user, role=reader, unit=north)
    pages = [
        client_of(user).get(door.url(SCREEN["topic"], view, *args)).content.decode()
        for view, args in (("list", ()), ("change", (pair[0].pk,)), ("delete", (pair[0].pk,)))
    ]
    assert "cases that you may not see" in pages[1]
    for page in pages:
        assert not {"7 cases", "6 cases", ">7<", ">6<"} & {
            each for each in ("7 cases", "6 cases", ">7<", ">6<") if each in page
        }


def test_the_list_counts_use_in_the_same_number_of_queries_for_two_entries_and_for_thirty(admin, door):
    url, counts = door.url(SCREEN["closurereason"], "list"), []
    for number in (2, 28):
        for each in range(number):
            ClosureReason.objects.create(name=f"Reason {number}-{each}")
        admin.get(url)
        with CaptureQueriesContext(connection) as asked:
            admin.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_new_rank_of_a_priority_reaches_open_cases(admin, door):
    priority = Priority.objects.create(name="High", key="high", rank=2)
    case = make_case(priority=priority)
    data = {"name": "High", "key": "high", "rank": 7, "position": 0, "is_active": "on"}
    assert admin.post(door.url(SCREEN["priority"], "change", priority.pk), data).status_code == 302
    case.refresh_from_db()
    assert case.priority_rank == 7
    assert timezone.now() > case.updated_at


def test_a_rank_is_changed_by_who_may_not_change_cases_too(door):
    priority = Priority.objects.create(name="High", key="high", rank=2)
    case = make_case(priority=priority)
    user = user_with("view_priority", "change_priority")
    data = {"name": "High", "key": "high", "rank": 7, "position": 0, "is_active": "on"}
    assert client_of(user).post(door.url(SCREEN["priority"], "change", priority.pk), data).status_code == 302
    case.refresh_from_db()
    assert case.priority_rank == 2
    assert make_user("x").pk
