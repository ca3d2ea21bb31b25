"""The case page says which replies are owed, and what happens next on the clocks."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import MessageReceived, MessageSent
from case_management.testing import make_case
from case_management.timeline.recorder import Entry, record

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def promised(company: Any) -> models.SlaPolicy:
    """The company's policy also promises replies, warns, and has a step of a ladder."""
    policy = models.SlaPolicy.objects.get()
    policy.warnings = "50"
    policy.save()
    for metric, minutes in (("first_response", 120), ("next_reply", 60)):
        models.SlaTarget.objects.create(policy=policy, metric=metric, minutes=minutes)
    models.SlaRung.objects.create(policy=policy, level=2, minutes=30)
    return policy


def opened(company: Any, ago: timedelta) -> models.Case:
    """A case of so long ago."""
    by = BY.backdated(timezone.now() - ago)
    return make_case(priority=company.normal, unit=company.harbour, by=by)


def said(page: Any) -> str:
    """The page's text in one line, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))


def test_a_first_response_that_is_owed_says_what_is_left_and_what_comes_next(company, promised, case_door, signed_in):
    case = opened(company, timedelta(minutes=30))
    page = said(signed_in(company.ann).get(case_door.url("case", case.reference)))
    assert "First response: 1 hour left of 2 hours" in page
    assert "Next: Warning at 50 % (First response)" in page


def test_a_reply_that_is_late_says_so(company, promised, case_door, signed_in):
    case = opened(company, timedelta(hours=5))
    page = said(signed_in(company.ann).get(case_door.url("case", case.reference)))
    assert "First response: 3 hours past due, promised in 2 hours" in page


def test_the_next_reply_has_a_clock_of_its_own_and_the_statement_shows_both(company, promised, case_door, signed_in):
    case = opened(company, timedelta(hours=5))
    now = timezone.now()
    sent = MessageSent(message=1, kind="reply", awaiting_since=None)
    record([Entry(case, [sent], BY.backdated(now - timedelta(hours=4)))])
    wrote = now - timedelta(minutes=20)
    record([Entry(case, [MessageReceived(message=1, awaiting_since=wrote)], BY.backdated(wrote))])
    browser, address = signed_in(company.ann), case_door.url("statement", case.reference)
    marks = browser.get(address, {"format": "json"}).json()["marks"]
    assert {mark["kind"] for mark in marks} == {"warning", "miss", "level"}
    operations.wait_case(case, waiting_for="customer", by=BY.backdated(now - timedelta(minutes=10)))
    assert "Next reply:" not in said(browser.get(case_door.url("case", case.reference))), "waiting says we answered"
    page = browser.get(address)
    assert page.status_code == 200
    assert "First response" in page.text and "Next reply" in page.text
    told = browser.get(address, {"format": "json"}).json()
    assert [(run["metric"], run["agrees_with_the_clock"]) for run in told["replies"]] == [
        ("first_response", True),
        ("next_reply", True),
    ]
    assert told["marks"] == [], "a clock that stands comes to nothing"


def test_a_case_costs_one_query_more_for_its_promises(company, case_door, signed_in):
    case = opened(company, timedelta(hours=1))
    browser, address = signed_in(company.ann), case_door.url("case", case.reference)
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    assert sum("slaclock" in query["sql"] for query in queries) == 1
