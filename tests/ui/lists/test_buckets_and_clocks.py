"""The headings of dates inside a status, and the two clocks of a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from case_management.models import Case, Priority
from case_management.sla.calendar import Calendar
from case_management.ui.lists.buckets import bucket
from case_management.ui.lists.clocks import clocks
from case_management.ui.paging import Order

#: A Wednesday.
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
URGENT, NEWEST = Order(("urgent_at", "id")), Order(("opened_at", "id"), descending=True)


def a_case(**facts):
    """Never saved."""
    return Case(**{"opened_at": NOW - timedelta(days=3), **facts})


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (None, "No deadline running"),
        (datetime(2026, 3, 4, 11, 59, tzinfo=UTC), "Past due"),
        (datetime(2026, 3, 4, 23, 59, tzinfo=UTC), "Due today"),
        (datetime(2026, 3, 5, 0, 0, tzinfo=UTC), "Due tomorrow"),
        (datetime(2026, 3, 8, 23, 59, tzinfo=UTC), "Due this week"),
        (datetime(2026, 3, 9, 0, 0, tzinfo=UTC), "Due next week"),
        (datetime(2026, 3, 16, 0, 0, tzinfo=UTC), "Due later"),
    ],
)
def test_open_cases_stand_under_the_day_on_which_they_are_due(due, words):
    with timezone.override("UTC"):
        assert bucket(a_case(due_at=due), URGENT, NOW).label == words


def test_days_are_those_of_the_readers_time_zone():
    case = a_case(due_at=datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    with timezone.override("Asia/Tokyo"):
        assert bucket(case, URGENT, NOW).label == "Due tomorrow"


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "Today"), (1, "Yesterday"), (2, "Monday"), (3, "Last week"), (9, "Last week"), (10, "February 2026")],
)
def test_what_is_sorted_by_age_stands_under_days_then_weeks_then_months(days, words):
    with timezone.override("UTC"):
        assert bucket(a_case(opened_at=NOW - timedelta(days=days)), NEWEST, NOW).label == words


def test_what_is_sorted_by_priority_stands_under_its_priority():
    case = a_case(priority=Priority(name="Urgent", rank=1), priority_rank=1)
    assert bucket(case, Order(("priority_rank", "id")), NOW).label == "Urgent"


def test_headings_follow_each_other_as_the_rows_do():
    dues = [NOW + timedelta(hours=hours) for hours in range(-60, 24 * 20, 5)]
    with timezone.override("UTC"):
        labels = [bucket(a_case(due_at=due), URGENT, NOW).key for due in dues]
    heads = [label for at, label in enumerate(labels) if at == 0 or labels[at - 1] != label]
    assert heads == ["late", "today", "tomorrow", "week", "next-week", "later"]


def test_the_business_clock_counts_open_hours_and_the_customers_all_of_them():
    hours = Calendar("UTC", (((540, 1020),),) * 5 + ((),) * 2, {})
    case = a_case(sla_policy_id=7, sla_target=8 * 3600, sla_due_at=datetime(2026, 3, 5, 10, tzinfo=UTC))
    shown = clocks(case, hours, NOW)
    assert shown.business == "Business clock: 6 hours left of 8 hours"
    assert shown.waiting == "Customer has waited 3 days"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"sla_due_at": NOW - timedelta(hours=2)}, "Business clock: 2 hours past due, promised in 8 hours"),
        ({"sla_remaining": 7200}, "Business clock paused: 2 hours left of 8 hours"),
        ({"resolved_at": NOW}, "Promise of 8 hours in business time: kept"),
        ({"resolved_at": NOW, "breached_at": NOW}, "Promise of 8 hours in business time: missed"),
        ({"sla_target": None}, ""),
    ],
)
def test_the_business_clock_says_where_it_stands(facts, words):
    case = a_case(**{"sla_policy_id": 7, "sla_target": 8 * 3600, **facts})
    assert clocks(case, Calendar.always(), NOW).business == words


def test_a_resolved_case_says_how_long_the_customer_waited():
    assert clocks(a_case(resolved_at=NOW - timedelta(days=1)), None, NOW).waiting == "Customer waited 2 days"
