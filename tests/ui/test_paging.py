"""Pages by keyset against an oracle: a Python sort, cut into slices."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management.domain.events import NO_DEADLINE
from case_management.domain.states import DONE, Status
from case_management.models import Case, Source
from case_management.testing import make_user
from case_management.ui.lists.neighbours import neighbours
from case_management.ui.lists.question import Question
from case_management.ui.lists.sorting import SORTS
from case_management.ui.paging import Cursor, Listing

START = datetime(2026, 3, 2, tzinfo=UTC)
#: Few moments, so that many rows tie.
moments = st.sampled_from([START + timedelta(hours=hours) for hours in range(3)])

facts = st.lists(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(list(Status)),
            "urgent_at": moments | st.just(NO_DEADLINE),
            "priority_rank": st.integers(1, 2),
            "opened_at": moments,
            "updated_at": moments,
            "when": moments,
        }
    ),
    max_size=16,
)


def stored(rows):
    """The rows as cases; rolled back by the caller, because no event tells of them."""
    source, _ = Source.objects.get_or_create(key="desk", defaults={"name": "Desk"})
    cases = []
    for number, row in enumerate(rows):
        when = row.pop("when")
        done = row["status"] in DONE
        cases.append(Case(reference=f"R{number}", title="", source=source, resolved_at=when if done else None, **row))
    return Case.objects.bulk_create(cases)


def as_the_list_should_be(cases, sort):
    """Status by status, each sorted by hand."""
    found = []
    for status in Status:
        order = sort.order(status)
        mine = [case for case in cases if case.status == status]
        found += sorted(mine, key=order.values, reverse=order.descending)
    return [case.pk for case in found]


def walk(question, size, cursor=None):
    """Page after page, as a reader turns them; the first cursor says in which direction."""
    pages = []
    backwards = cursor is not None and cursor.backwards
    while len(pages) < 50:
        leaf = Listing(question.listed, question.segments, "status").page(cursor, size)
        pages.append([case.pk for _, case in leaf.rows])
        cursor = leaf.previous if backwards else leaf.following
        if cursor is None:
            return pages, leaf
        text = cursor.encode(question.sort.key)
        found = Cursor.decode(text, question.sort.key, Case, question.segments)
        cursor = Cursor(found.segment, found.values, backwards)
    raise AssertionError("The pages never end.")


@pytest.fixture
def reader(db):
    return make_user("reader", is_superuser=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=facts, size=st.integers(1, 9), key=st.sampled_from(sorted(SORTS)), cap=st.sampled_from([0, 8, 1000]))
def test_pages_have_no_gaps_and_no_repeats_in_either_direction(reader, rows, size, key, cap):
    with transaction.atomic(), override_settings(CASE_MANAGEMENT={"LIST_COUNT_CAP": cap}):
        expected = as_the_list_should_be(stored(rows), SORTS[key])
        question = Question(QueryDict(f"sort={key}"), Case.objects.all(), reader)
        pages, last = walk(question, size)
        assert [pk for page in pages for pk in page] == expected
        assert all(len(page) == size for page in pages[:-1])
        if last.previous:
            back, first = walk(question, size, last.previous)
            assert back == pages[-2::-1]
            assert first.previous is None
        transaction.set_rollback(True)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=facts, key=st.sampled_from(sorted(SORTS)))
def test_the_neighbours_of_a_case_are_those_of_the_list(reader, rows, key):
    with transaction.atomic():
        cases = stored(rows)
        by_pk = {case.pk: case for case in cases}
        expected = ["", *(by_pk[pk].reference for pk in as_the_list_should_be(cases, SORTS[key])), ""]
        for place, reference in list(enumerate(expected))[1:-1]:
            case = Case.objects.get(reference=reference)
            found = neighbours(case, f"sort={key}", reader)
            assert (found.previous, found.following) == (expected[place - 1], expected[place + 1])
        transaction.set_rollback(True)


def test_a_cursor_of_another_order_and_a_forged_one_lead_to_the_first_page(reader):
    with transaction.atomic():
        question = Question(QueryDict("sort=newest"), Case.objects.all(), reader)
        segments = question.segments
        text = Cursor("new", (START, 7)).encode("newest")
        assert Cursor.decode(text, "newest", Case, segments) == Cursor("new", (START, 7))
        assert Cursor.decode(text, "urgency", Case, segments) is None
        assert Cursor.decode(text[:-1] + ("A" if text[-1] != "A" else "B"), "newest", Case, segments) is None
        assert Cursor.decode("", "newest", Case, segments) is None
