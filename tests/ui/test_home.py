"""The start page of either admin: the reader's own urgent cases and figures, and nothing of others'."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import assign_case, change_deadline
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db
STARTS = [pytest.param("/admin/", marks=pytest.mark.wagtail), "/django-admin/", "/django-admin/case_management/"]
BY = Actor.system("test")


@pytest.fixture(params=STARTS)
def start(request):
    """The address of a start page."""
    return request.param


def mine(company, title, *, hours=0):
    """A case of Ann's."""
    case = make_case(title=title, topic=company.seat, priority=company.normal, unit=company.harbour)
    case = assign_case(case, to=company.ann, by=BY)
    return change_deadline(case, deadline=timezone.now() + timedelta(hours=hours), by=BY) if hours else case


def test_the_start_page_shows_my_most_urgent_cases_in_order_with_their_timers(company, signed_in, start):
    late, soon = mine(company, "Second one", hours=2), mine(company, "First one", hours=1)
    page = signed_in(company.ann).get(start).content.decode()
    assert page.index(soon.title) < page.index(late.title)
    assert "cm-timer" in page
    assert "status=open&amp;assignee=me" in page or "status=open&assignee=me" in page


def test_the_start_page_tells_who_has_no_case_that_there_is_none(company, signed_in, start):
    assert "No open case is assigned to you." in signed_in(company.ann).get(start).content.decode()


def test_the_start_page_counts_only_what_the_reader_may_see(company, signed_in, start):
    for _each in range(3):
        make_case(title="Foreign", topic=company.seat, priority=company.normal, unit=company.south)
    make_case(title="Own", topic=company.seat, priority=company.normal, unit=company.harbour)
    page = " ".join(signed_in(company.ann).get(start).content.decode().split())
    assert ">1 Open cases<" in page or 'Open cases</a> <strong class="cm-number">1</strong>' in page
    assert "Foreign" not in page


def test_a_snoozed_case_is_out_of_the_way(company, signed_in, start):
    from case_management.operations import snooze_case

    case = mine(company, "Sleeping case")
    snooze_case(case, until=timezone.now() + timedelta(days=3), by=BY)
    assert "Sleeping case" not in signed_in(company.ann).get(start).content.decode()


def test_people_without_cases_see_nothing_of_them_on_the_start_page(company, signed_in, start):
    boss = make_user("boss")
    from django.contrib.auth.models import Permission

    boss.user_permissions.set(Permission.objects.filter(codename__in=("access_admin", "view_topic")))
    page = signed_in(boss).get(start).content.decode()
    assert "My cases" not in page
    assert "Open cases" not in page


def test_the_start_page_asks_as_often_for_two_cases_as_for_forty(company, signed_in, start):
    browser = signed_in(company.ann)
    mine(company, "One"), mine(company, "Two")
    browser.get(start)
    with CaptureQueriesContext(connection) as few:
        browser.get(start)
    for number in range(12):
        mine(company, f"More {number}")
    with CaptureQueriesContext(connection) as many:
        browser.get(start)
    assert len(many) == len(few)


def test_a_pinned_view_stands_on_the_start_page(company, signed_in, start):
    view = models.SavedView.objects.create(name="Loud ones", owner=company.ann, query="status=open&escalated=yes")
    assert "Loud ones" not in signed_in(company.ann).get(start).content.decode()
    models.ViewChoice.objects.create(user=company.ann, view=view, is_pinned=True)
    assert "Loud ones" in signed_in(company.ann).get(start).content.decode()
    assert "Loud ones" not in signed_in(company.ben).get(start).content.decode()
