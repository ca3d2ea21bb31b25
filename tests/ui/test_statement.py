"""The page of a case's clocks, in both admins and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import operations
from case_management.domain.actor import Actor
from case_management.testing import make_case

pytestmark = pytest.mark.django_db


def test_the_case_page_leads_to_how_its_clock_adds_up(company, case, case_door, signed_in):
    browser = signed_in(company.ann)
    address = case_door.url("statement", case.reference)
    assert f'href="{address}"' in browser.get(case_door.url("case", case.reference)).text
    page = browser.get(address)
    assert page.status_code == 200
    assert "The customer's waiting time" in page.text
    assert "Always</bdi>, version 1" in page.text


def test_json_is_given_by_parameter_or_by_what_the_client_accepts(company, case, case_door, signed_in):
    browser, address = signed_in(company.vera), case_door.url("statement", case.reference)
    asked = browser.get(address, {"format": "json"})
    accepted = browser.get(address, headers={"accept": "application/json"})
    assert asked.json()["business"][0]["policy"] == accepted.json()["business"][0]["policy"] == "Standard"
    assert accepted["Content-Type"] == "application/json"
    assert "Accept" in accepted["Vary"]
    assert browser.get(address, headers={"accept": "text/html,*/*;q=0.8"})["Content-Type"].startswith("text/html")


def test_a_case_that_the_reader_may_not_see_has_no_statement(company, case_door, signed_in):
    foreign = make_case(title="x", priority=company.normal, unit=company.south)
    address = case_door.url("statement", foreign.reference)
    assert signed_in(company.vera).get(address).status_code == 404
    assert signed_in(company.vera).get(address, {"format": "json"}).status_code == 404


def test_a_reopened_case_shows_both_promises(company, case, case_door, signed_in):
    by = Actor.system("test")
    case = operations.wait_case(case, waiting_for="customer", by=by)
    resolution = operations.Resolution(reason=company.solved, note="All is well again.")
    case = operations.resolve_case(case, resolution, by=by)
    case = operations.reopen_case(case, reason=company.again, note="It broke again today.", by=by)
    page = signed_in(company.ann).get(case_door.url("statement", case.reference))
    told = json.loads(signed_in(company.ann).get(case_door.url("statement", case.reference) + "?format=json").text)
    assert page.status_code == 200
    assert all(run["agrees_with_the_clock"] for run in told["business"])


def test_a_long_history_is_turned_page_by_page_and_summed_whole(company, case_door, signed_in, monkeypatch):
    monkeypatch.setattr("case_management.ui.case.statement.AT_ONCE", 2)
    by, at = Actor.system("test"), timezone.now() - timedelta(days=9)
    case = make_case(title="x", priority=company.normal, unit=company.harbour, by=by.backdated(at))
    for day in range(1, 4):
        case = operations.wait_case(case, waiting_for="third_party", by=by.backdated(at + timedelta(days=day)))
        case = operations.resume_case(case, by=by.backdated(at + timedelta(days=day, hours=1)))
    browser, address = signed_in(company.ann), case_door.url("statement", case.reference)
    pages = [browser.get(address, {"page": number}).text for number in (1, 4, 99)]
    assert 'rel="next"' in pages[0] and 'rel="prev"' not in pages[0]
    assert [page.count('<tr class="cm-statement--') for page in pages] == [3, 2, 2]
    assert all("<dd>3 h</dd>" in page for page in pages), "the sums are of all lines, on each page"
