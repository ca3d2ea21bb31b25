"""Every filter of the one filter set, and what it says to what it does not know."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils import timezone

from case_management import models, operations
from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.filters import CaseFilterSet
from case_management.testing import make_case, make_user

BY = Actor.system("test")


@pytest.fixture
def world(db):
    """Two regions, two sources, a reader everywhere, and cases that differ in one thing each."""
    region = models.Unit.add_root(number="10", name="North")
    shop = region.add_child(number="11", name="Old Town")
    other = models.Unit.add_root(number="20", name="South")
    food = models.Topic.add_root(name="Food", key="food")
    cold = food.add_child(name="Cold", key="cold")
    reader = make_user("reader", role="Case manager")
    contact = models.Contact.objects.create(name="Grace Okafor", external_id="C-77")
    models.ContactPoint.objects.create(contact=contact, kind="email", value="Grace@Example.org")
    models.ContactPoint.objects.create(contact=contact, kind="phone", value="+49 30 5550 123")
    return SimpleNamespace(region=region, shop=shop, other=other, food=food, cold=cold, reader=reader, contact=contact)


def found(world, query, user=None):
    """Titles of the cases that a query string finds."""
    who = user or world.reader
    filters = CaseFilterSet(QueryDict(query), visible_to(who), user=who)
    assert filters.is_valid(), filters.errors
    return set(filters.qs.values_list("title", flat=True))


def errors(world, query):
    """What is wrong with a query string; then it finds nothing."""
    filters = CaseFilterSet(QueryDict(query), visible_to(world.reader), user=world.reader)
    assert not filters.is_valid()
    assert list(filters.qs) == []
    return filters.errors


def test_no_question_finds_every_visible_case(world):
    make_case(title="a")
    assert found(world, "") == {"a"}


def test_units_and_topics_stand_for_their_branches(world):
    make_case(title="shop", unit=world.shop, topic=world.cold)
    make_case(title="region", unit=world.region, topic=world.food)
    make_case(title="other", unit=world.other)
    assert found(world, "unit=10") == {"shop", "region"}
    assert found(world, "unit=11") == {"shop"}
    assert found(world, "topic=food") == {"shop", "region"}
    assert found(world, "topic=cold&unit=10") == {"shop"}


def test_entries_of_lists_are_named_by_their_keys_and_several_mean_any(world):
    mail = models.Source.objects.create(name="Mail")
    social = models.CaseType.objects.create(name="Social")
    urgent = models.Priority.objects.create(name="Urgent", rank=1)
    team = models.Team.objects.create(name="Care")
    make_case(title="mail", source=mail)
    make_case(title="social", case_type=social)
    make_case(title="urgent", priority=urgent)
    make_case(title="team", team=team)
    assert found(world, "source=mail") == {"mail"}
    assert found(world, "source=mail&source=survey") == {"mail", "social", "urgent", "team"}
    assert found(world, "type=social") == {"social"}
    assert found(world, "priority=urgent") == {"urgent"}
    assert found(world, "team=care") == {"team"}


def test_statuses_and_their_shortcuts(world):
    reason = models.ClosureReason.objects.create(name="Solved")
    make_case(title="new")
    make_case(title="late", deadline=timezone.now() - timedelta(hours=1))
    operations.start_case(make_case(title="started"), by=BY)
    operations.wait_case(make_case(title="waits"), waiting_for="customer", by=BY)
    for title in ("resolved", "closed"):
        case = make_case(title=title)
        operations.resolve_case(case, operations.Resolution(reason, "Called and apologised"), by=BY)
        if title == "closed":
            operations.close_case(case, by=BY)
    assert found(world, "status=new") == {"new", "late"}
    assert found(world, "status=in_progress&status=waiting") == {"started", "waits"}
    assert found(world, "status=open") == {"new", "late", "started", "waits"}
    assert found(world, "status=done") == {"resolved", "closed"}
    assert found(world, "status=overdue") == {"late"}
    assert found(world, "overdue=yes&status=open") == {"late"}
    assert found(world, "overdue=no") == {"new", "started", "waits", "resolved", "closed"}
    assert found(world, "status=overdue&status=closed") == {"late", "closed"}


def test_the_statuses_that_a_question_can_find_are_known_without_a_query(world, django_assert_num_queries):
    def statuses(query):
        filters = CaseFilterSet(QueryDict(query), visible_to(world.reader), user=world.reader)
        with django_assert_num_queries(0):
            return [str(status) for status in filters.statuses]

    assert statuses("") == ["new", "in_progress", "waiting", "resolved", "closed"]
    assert statuses("status=closed&status=new") == ["new", "closed"]
    assert statuses("status=overdue") == ["new", "in_progress", "waiting"]
    assert statuses("status=done&overdue=yes") == []
    assert statuses("status=nonsense") == []


def test_people_tags_flags_and_escalation(world):
    category = models.TagCategory.objects.create(name="Cause")
    tag, more = (models.Tag.objects.create(name=name, category=category) for name in ("Staff", "Oven"))
    mine, hers = make_case(title="mine"), make_case(title="hers")
    other = make_user("other", role="Case manager")
    operations.assign_case(mine, to=world.reader, by=BY)
    operations.assign_case(hers, to=other, by=BY)
    operations.tag_case(mine, add=[tag, more], by=BY)
    operations.flag_case(mine, by=BY)
    operations.flag_for_me(hers, by=Actor.from_user(world.reader))
    operations.escalate_case(hers, reason="Asked for the manager", by=BY)
    make_case(title="free")
    assert found(world, "assignee=me") == {"mine"}
    assert found(world, "assignee=nobody") == {"free"}
    assert found(world, "assignee=other") == {"hers"}
    assert found(world, "tag=staff&tag=oven") == {"mine"}
    assert found(world, "flagged=all") == {"mine"}
    assert found(world, "flagged=mine") == {"hers"}
    assert found(world, "flagged=mine", user=other) == set()
    assert found(world, "escalated=yes") == {"hers"}
    assert found(world, "escalated=no") == {"mine", "free"}


def test_days_are_days_of_the_active_time_zone_and_both_ends_count(world):
    at = Actor.importing(None, batch="b", at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    make_case(title="late evening", by=at, deadline=datetime(2026, 3, 5, 1, tzinfo=UTC))
    with timezone.override("UTC"):
        assert found(world, "opened_after=2026-03-01&opened_before=2026-03-01") == {"late evening"}
        assert found(world, "opened_after=2026-03-02") == set()
        assert found(world, "due_after=2026-03-05&due_before=2026-03-05") == {"late evening"}
        assert found(world, "due_before=2026-03-04") == set()
    with timezone.override("Asia/Tokyo"):
        assert found(world, "opened_after=2026-03-02&opened_before=2026-03-02") == {"late evening"}


def test_search_finds_exactly_what_is_named_before_it_looks_for_words(world):
    case = make_case(title="Cold coffee", contact=world.contact, external_id="T-9")
    make_case(title=f"About {case.reference} and Grace@example.org")
    make_case(title="Coffee machine", description="It was stone cold")
    named = {"Cold coffee"}
    for text in (case.reference, case.reference.lower().replace("-", ""), f"#{case.reference}", "T-9", "C-77"):
        assert found(world, f"q={text.replace('#', '%23')}") == named, text
    assert found(world, "q=grace@example.org") == named
    assert found(world, "q=%2B49+(30)+5550-123") == named
    assert found(world, "q=okafor") == named
    assert found(world, "q=COLD+coffee") == {"Cold coffee", "Coffee machine"}
    assert found(world, "q=cold+tea") == set()
    assert found(world, "q=cold&status=closed") == set()


@pytest.mark.parametrize(
    ("query", "key", "says"),
    [
        ("stauts=new", "__all__", "There is no filter “stauts”"),
        ("status=nonsense", "status", "nonsense"),
        ("source=unheard", "source", "unheard"),
        ("unit=999", "unit", "“999” is not there"),
        ("topic=nothing", "topic", "“nothing” is not there"),
        ("assignee=ghost", "assignee", "Nobody has the user name “ghost”"),
        ("escalated=perhaps", "escalated", "perhaps"),
        ("opened_after=tomorrow", "opened_after", ""),
        ("opened_after=0001-01-01", "opened_after", ""),
        ("due_before=9999-12-31", "due_before", ""),
        ("q=%00", "q", ""),
        ("q=" + "x" * 201, "q", ""),
    ],
)
def test_what_cannot_be_read_is_named_and_finds_nothing(world, query, key, says):
    make_case()
    wrong = errors(world, query)
    assert list(wrong) == [key]
    assert says in str(wrong[key])


def test_a_reader_cannot_ask_for_a_unit_that_is_hidden_from_them(world):
    shopkeeper = make_user("shopkeeper", role="Case manager", unit=world.shop)
    filters = CaseFilterSet(QueryDict("unit=20"), visible_to(shopkeeper), user=shopkeeper)
    assert "unit" in filters.errors
