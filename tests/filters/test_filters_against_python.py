"""Every filter against the same question in Python, over random cases; and facets against the lists behind them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils import timezone

from case_management import models, operations
from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.filters import CaseFilterSet
from case_management.testing import make_case, make_topic, make_user
from case_management.ui.lists.facets import TREES, facets

#: Scores and awaited replies are set by hand here: nothing looks at events.
pytestmark = [pytest.mark.django_db, pytest.mark.drifts_on_purpose]
BY = Actor.system("test")
OPEN, DONE = ("new", "in_progress", "waiting"), ("resolved", "closed")
HOW_MANY = 60


def one_or_none(random, entries):
    return random.choice([None, *entries])


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    """A tree of units and topics, two readers, and cases that differ in everything that can be asked for."""
    random = Random(20)
    region = models.Unit.add_root(number="10", name="North")
    shop = models.Unit.objects.get(pk=region.pk).add_child(number="11", name="Old Town")
    food = make_topic("food")
    cold = models.Topic.objects.get(pk=food.pk).add_child(name="Cold", key="cold")
    category = models.TagCategory.objects.create(name="Cause")
    world = SimpleNamespace(
        random=random,
        units=[region, shop, models.Unit.add_root(number="20", name="South")],
        topics=[food, cold, make_topic("room")],
        sources=[models.Source.objects.create(name=name) for name in ("Mail", "Call")],
        types=[models.CaseType.objects.create(name=name) for name in ("Social", "Billing")],
        priorities=[models.Priority.objects.create(name=name, rank=rank) for rank, name in ((1, "Urgent"), (3, "Low"))],
        tags=[models.Tag.objects.create(name=name, category=category) for name in ("Staff", "Oven")],
        reader=make_user("reader", role="Case manager"),
        northern=make_user("northern", role="Case manager", unit=region),
        reason=models.ClosureReason.objects.create(name="Solved"),
    )
    world.teams = [models.Team.objects.create(name=name) for name in ("Care", "Billing desk")]
    world.teams[0].members.add(world.reader, world.northern)
    for number in range(HOW_MANY):
        a_random_case(world, number)
    return world


def a_random_case(world: SimpleNamespace, number: int) -> None:
    random, now = world.random, timezone.now()
    at = Actor.importing(None, batch="b", at=now - timedelta(days=random.randrange(40), hours=1))
    case = make_case(
        title=f"Case {number} {random.choice(['apple', 'pear'])}",
        unit=random.choice(world.units),
        topic=random.choice(world.topics),
        source=random.choice(world.sources),
        case_type=one_or_none(random, world.types),
        priority=random.choice(world.priorities),
        team=one_or_none(random, world.teams),
        deadline=one_or_none(random, [now + timedelta(days=days, hours=1) for days in (-3, -1, 0, 2, 30)]),
        by=at,
    )
    assignee = one_or_none(random, [world.reader, world.northern])
    if assignee and visible_to(assignee).filter(pk=case.pk).exists():
        operations.assign_case(case, to=assignee, by=BY)
    if add := random.sample(world.tags, random.randrange(3)):
        operations.tag_case(case, add=add, by=BY)
    resolution = operations.Resolution(world.reason, "Called and talked")
    steps = {
        "flag": lambda: operations.flag_case(case, by=BY),
        "mine": lambda: operations.flag_for_me(case, by=Actor.from_user(world.reader)),
        "escalate": lambda: operations.escalate_case(case, reason="Asked for the manager", by=BY),
        "snooze": lambda: operations.snooze_case(case, until=now + timedelta(days=2), by=BY),
        "start": lambda: operations.start_case(case, by=BY),
        "resolve": lambda: operations.resolve_case(case, resolution, by=BY),
    }
    for step in [name for name in steps if random.random() < 0.3]:
        steps[step]()
        case.refresh_from_db()
    # What only a survey answer or a message sets; nothing here looks at events.
    models.Case.objects.filter(pk=case.pk).update(
        score=one_or_none(random, [Decimal("1.5"), Decimal(7)]), awaiting_since=one_or_none(random, [now])
    )


def below(field: str, node: Any) -> Any:
    return lambda case: getattr(case, field) is not None and getattr(case, field).path.startswith(node.path)


def day(moment: Any) -> str:
    return timezone.localtime(moment).date().isoformat() if moment else ""


def questions(world: SimpleNamespace, user: Any) -> dict[tuple[str, str], Any]:  # noqa: C901 - a list, not a path
    """(parameter, value) → the same as a condition in Python."""
    now, today = timezone.now(), timezone.localdate()
    teams = set(user.case_teams.values_list("pk", flat=True))
    flagged = set(models.CaseFlag.objects.filter(user=user).values_list("case", flat=True))
    late = lambda case: case.status in OPEN and case.due_at is not None and case.due_at < now  # noqa: E731
    asleep = lambda case: case.snoozed_until is not None and case.snoozed_until > now  # noqa: E731
    yes_or_no = {
        "overdue": late,
        "escalated": lambda case: case.escalation_level > 0,
        "awaiting": lambda case: case.awaiting_since is not None,
        "snoozed": asleep,
        "merged": lambda case: case.merged_into_id is not None,
        "my_teams": lambda case: case.team_id in teams,
    }
    found: dict[tuple[str, str], Any] = {
        ("status", "open"): lambda case: case.status in OPEN,
        ("status", "done"): lambda case: case.status in DONE,
        ("status", "overdue"): late,
        ("assignee", "me"): lambda case: case.assignee_id == user.pk,
        ("assignee", "nobody"): lambda case: case.assignee_id is None,
        ("assignee", "northern"): lambda case: case.assignee_id == world.northern.pk,
        ("flagged", "all"): lambda case: case.flagged,
        ("flagged", "mine"): lambda case: case.pk in flagged,
        ("score_from", "2"): lambda case: case.score is not None and case.score >= 2,
        ("score_to", "1.5"): lambda case: case.score is not None and case.score <= Decimal("1.5"),
    }
    for name, condition in yes_or_no.items():
        found[name, "yes"] = condition
        found[name, "no"] = lambda case, condition=condition: not condition(case)
    for status in (*OPEN, *DONE):
        found["status", status] = lambda case, status=status: case.status == status
    for name, field, entries in (
        ("source", "source_id", world.sources), ("type", "case_type_id", world.types),
        ("priority", "priority_id", world.priorities), ("team", "team_id", world.teams),
    ):  # fmt: skip
        for entry in entries:
            found[name, entry.key] = lambda case, field=field, pk=entry.pk: getattr(case, field) == pk
    for tag in world.tags:
        found["tag", tag.key] = lambda case, tag=tag: tag in case.tags.all()
    for unit in world.units:
        if user is world.reader or unit.number.startswith("1"):
            found["unit", unit.number] = below("unit", unit)
    for topic in world.topics:
        found["topic", topic.key] = below("topic", topic)
    for name, field in (("opened", "opened_at"), ("due", "due_at"), ("resolved", "resolved_at")):
        for back in (10, 0, -2):
            edge = (today - timedelta(days=back)).isoformat()
            found[f"{name}_after", edge] = lambda case, field=field, edge=edge: day(getattr(case, field)) >= edge
            found[f"{name}_before", edge] = lambda case, field=field, edge=edge: "" < day(getattr(case, field)) <= edge
    return found


def asked(query: str, user: Any) -> CaseFilterSet:
    filters = CaseFilterSet(QueryDict(query), visible_to(user), user=user)
    assert filters.is_valid(), (query, filters.errors)
    return filters


def test_every_filter_finds_what_python_finds_alone_and_together(world):
    for user in (world.reader, world.northern):
        cases = list(visible_to(user).select_related("unit", "topic").prefetch_related("tags"))
        truths = questions(world, user)
        for (name, value), is_right in truths.items():
            found = set(asked(urlencode({name: value}), user).qs.values_list("pk", flat=True))
            assert found == {case.pk for case in cases if is_right(case)}, (user, name, value)
        for _ in range(60):
            chosen = world.random.sample(sorted(truths), 3)
            by_name: dict[str, list[str]] = {}
            for name, value in chosen:
                by_name.setdefault(name, []).append(value)
            several = {"status", "source", "type", "priority", "team", "tag", "unit", "topic", "assignee"}
            if any(len(values) > 1 and name not in several for name, values in by_name.items()):
                continue
            # Values of one filter widen it, several filters narrow the list.
            right = {
                case.pk
                for case in cases
                if all(any(truths[name, value](case) for value in values) for name, values in by_name.items())
            }
            found = set(asked(urlencode(chosen), user).qs.values_list("pk", flat=True))
            assert found == right, (user, chosen)


def test_every_count_beside_a_choice_is_the_length_of_the_list_behind_it(world):
    for user in (world.reader, world.northern):
        truths = sorted(questions(world, user))
        paths = {("unit", unit.number): unit.path for unit in world.units}
        paths |= {("topic", topic.key): topic.path for topic in world.topics}
        for _ in range(12):
            chosen = dict(world.random.sample(truths, 2))
            chosen |= {"q": "apple"} if world.random.random() < 0.3 else {}
            counts = facets(asked(urlencode(chosen), user))
            for name, value in truths:
                shown = counts.of(name, paths.get((name, value), value) if name in TREES else value)
                if shown is not None:
                    length = asked(urlencode(chosen | {name: value}), user).qs.count()
                    assert shown == length, (user, chosen, name, value)
            assert counts.of("status", "open") is not None


def test_above_the_cap_no_count_is_shown_but_those_of_narrower_questions_are(world, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "LIST_COUNT_CAP": HOW_MANY - 1}
    assert facets(asked("", world.reader)).of("source", "mail") is None
    narrow = facets(asked("status=new&source=mail", world.reader))
    assert narrow.of("priority", "urgent") is not None
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "LIST_COUNT_CAP": HOW_MANY}
    assert (
        facets(asked("", world.reader)).of("source", "mail") == models.Case.objects.filter(source__key="mail").count()
    )


def test_counts_take_one_query_however_many_filters_are_in_force(world, django_assert_num_queries):
    filters = asked("status=open&source=mail&tag=staff&flagged=all", world.reader)
    with django_assert_num_queries(1):
        facets(filters)


def test_cases_named_one_by_one_are_found_however_they_are_typed(world):
    first, second, *_ = models.Case.objects.order_by("pk")
    text = f"case={first.reference.lower().replace('-', '')}&case={second.reference}"
    assert set(asked(text, world.reader).qs) == {first, second}
    assert asked("case=BBBB-BBB", world.reader).qs.count() == 0
    for wrong in ("case=not-a-reference", urlencode([("case", first.reference)] * 501)):
        filters = CaseFilterSet(QueryDict(wrong), visible_to(world.reader), user=world.reader)
        assert not filters.is_valid()
        assert list(filters.errors) == ["case"]
        assert not filters.qs.exists()
