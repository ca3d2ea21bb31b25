"""The page that says why, and why not: rules, assignment and mail, in both admins and as JSON."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Membership, Notification, Rule, RuleAsking, RuleFiring
from case_management.testing import make_case
from tests.rules.conftest import settle, write
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOTE = {"action": "note", "text": "Somebody should look at this."}
FLAGGED = {"field": "flagged", "op": "is", "value": True}


def told(browser, address, **query):
    """Key of the rule's name → what is said of it on the latest occasion."""
    entries = browser.get(address, {"format": "json", **query}).json()["entries"]
    return {rule["rule"]: rule for rule in entries[0]["rules"]} if entries else {}


@pytest.fixture
def flagged(company, case):
    """Two rules on a change: one acts, one does not hold; the case was flagged."""
    write("acts", NOTE, occasion="case_changed", conditions={"all": [FLAGGED, {"not": TITLE}]}, position=1)
    write("not", NOTE, occasion="case_changed", conditions={"any": [PRIORITY, TITLE]}, position=2)
    operations.flag_case(case, by=SYSTEM)
    settle()
    return case


TITLE = {"field": "title", "op": "contains", "value": "coffee"}
PRIORITY = {"field": "priority", "op": "in", "value": ["high", "urgent"]}


def test_the_case_page_leads_to_what_rules_saw_and_what_they_did(company, flagged, case_door, signed_in):
    browser, address = signed_in(company.ann), case_door.url("case_why", flagged.reference)
    assert f'href="{address}"' in browser.get(case_door.url("case", flagged.reference)).text
    page = browser.get(address).text
    assert "did not hold" in page
    assert "was: <bdi>normal</bdi>" in page
    found = browser.get(address, {"format": "json"}).json()["entries"][-1]["rules"]
    assert [(rule["rule"], rule["outcome"]) for rule in found] == [("Acts", "acted"), ("Not", "not")]
    acts, seqs = found[0], list(flagged.events.filter(actor_kind="rule").order_by("seq").values_list("seq", flat=True))
    assert acts["did"] == ["Add a note"]
    assert acts["events"] == seqs
    assert len(seqs) == 2, "the note, and that it started the case"
    assert acts["conditions"] == {
        "held": True,
        "all": [
            {"held": True, "asked": "flagged is yes", "saw": "yes"},
            {"held": True, "not": [{"held": False, "asked": "title contains coffee"}]},
        ],
    }, "what a title says is personal"
    assert f"past={seqs[-1] + 1}#cm-timeline" in page


def test_each_reason_for_not_acting_is_said(company, case, case_door, signed_in):
    """Had acted before, stopped by another, out of scope; circles have a test of their own."""
    write("once", NOTE, occasion="case_changed", position=1)
    write("last-word", NOTE, occasion="case_changed", position=2, cadence="every_time", conditions=UNFLAGGED,
          stop_processing=True)  # fmt: skip
    write("later", NOTE, occasion="case_changed", position=3)
    write("elsewhere", NOTE, occasion="case_changed", position=4, scope={"units": ["S", "X"]})
    operations.add_note(case, text="Somebody has called.", by=Actor.from_user(company.ann))
    settle()
    operations.flag_case(case, by=SYSTEM)
    operations.unflag_case(case, by=SYSTEM)
    settle()
    found = told(signed_in(company.ann), case_door.url("case_why", case.reference))
    assert {name: rule["outcome"] for name, rule in found.items()} == {
        "Once": "kept", "Last Word": "acted", "Later": "stopped", "Elsewhere": "not",
    }  # fmt: skip
    assert found["Once"]["because"].startswith("It may act: Once per response or case. It had acted before (")
    assert found["Later"]["because"] == "Rule “Last Word” acted before it and says that no later rule acts."
    assert found["Elsewhere"]["conditions"]["all"][0]["held"] is False
    assert "only for:" in signed_in(company.ann).get(case_door.url("case_why", case.reference)).text


UNFLAGGED = {"field": "event", "op": "eq", "value": "unflagged"}


def test_where_rules_went_in_circles_the_page_says_so(company, case, case_door, signed_in, caplog):
    write("circle", {"action": "escalate", "reason": "Nobody has answered."}, occasion="case_changed",
          cadence="every_time")  # fmt: skip
    operations.flag_case(case, by=SYSTEM)
    settle()
    page = signed_in(company.ann).get(case_door.url("case_why", case.reference)).text
    assert "No rule was asked: rules had set each other off too often" in page


def test_who_may_not_see_rules_learns_of_those_that_acted_and_how_many_others_there_were(
    company, flagged, case_door, signed_in
):
    browser, address = signed_in(company.vera), case_door.url("case_why", flagged.reference)
    page = browser.get(address).text
    assert "1 other rule was asked and did not act" in page
    assert '<bdi class="cm-strong">Acts</bdi>' in page
    assert "Would a rule act" not in page
    assert "Not" not in told(browser, address)
    asked = browser.get(address, {"rule": Rule.objects.get(key="not").pk, "format": "json"}).json()
    assert "question" not in asked


def test_how_many_cases_a_contact_has_elsewhere_is_not_for_who_does_not_see_them(company, case_door, signed_in):
    boss = models.Contact.objects.create(name="Robin")
    write("third", NOTE, occasion="case_opened",
          conditions={"field": "contact_cases", "op": "gte", "value": {"count": 2}})  # fmt: skip
    for unit in (company.south, company.harbour):
        case = make_case(title="x", contact=boss, unit=unit, priority=company.normal, by=SYSTEM)
        settle()
    address = case_door.url("case_why", case.reference)
    of_north = told(signed_in(company.ann), address)["Third"]["conditions"]
    assert (of_north["held"], "saw" in of_north) == (True, False)
    Membership.objects.filter(user=company.ann).update(unit=None)
    assert told(signed_in(company.ann), address)["Third"]["conditions"]["saw"] == "2"


def test_an_earlier_firing_on_a_case_out_of_sight_is_not_named(company, case_door, signed_in):
    robin = models.Contact.objects.create(name="Robin")
    write("rare", NOTE, occasion="case_opened", cadence="once_per_contact", cadence_days=7)
    hidden = make_case(title="x", contact=robin, unit=company.south, priority=company.normal, by=SYSTEM)
    settle()
    case = make_case(title="y", contact=robin, unit=company.harbour, priority=company.normal, by=SYSTEM)
    settle()
    address = case_door.url("case_why", case.reference)
    rare = told(signed_in(company.ann), address)["Rare"]
    assert (rare["outcome"], "earlier_case" in rare) == ("kept", False)
    Membership.objects.filter(user=company.ann).update(unit=None)
    assert told(signed_in(company.ann), address)["Rare"]["earlier_case"] == hidden.reference


def test_an_assignment_is_told_with_its_candidates_and_the_seed(company, case, case_door, signed_in):
    assign = {"action": "assign", "chain": ["workload", "random"]}
    write("give", assign, occasion="case_changed")
    operations.flag_case(case, by=SYSTEM)
    settle()
    browser, address = signed_in(company.vera), case_door.url("case_why", case.reference)
    page = browser.get(address, {"show": "assignment"}).text
    (entry,) = browser.get(address, {"show": "assignment", "format": "json"}).json()["entries"]
    assert {one["user"] for one in entry["steps"][0]["candidates"]} == {"ann", "ben"}
    assert entry["steps"][-1]["seed"] in page
    assert "Given to" in page


def test_who_was_not_told_and_why_is_for_who_may_see_the_ledger(company, case, case_door, signed_in):
    operations.assign_case(case, to=company.ben, by=Actor.from_user(company.ben))
    operations.watch_case(case, by=Actor.from_user(company.vera))
    models.Preferences.objects.create(user=company.vera, muted=["watched_note"])
    operations.add_note(case, text="Somebody has called.", by=Actor.from_user(company.ben))
    settle()
    address = case_door.url("case_why", case.reference)
    seen = {
        user.username: {
            (entry["to"], entry.get("why_not", ""))
            for entry in signed_in(user).get(address, {"show": "mail", "format": "json"}).json()["entries"]
        }
        for user in (company.ann, company.vera)
    }
    muted = ("vera", "their preferences say: no mail of this kind")
    assert seen == {"ann": {("Ben Lind", "they did it themselves"), muted}, "vera": {muted}}
    assert "You see what you were told yourself" in signed_in(company.vera).get(address, {"show": "mail"}).text


def test_a_case_that_the_reader_may_not_see_has_no_such_page(company, case_door, signed_in):
    foreign = make_case(title="x", priority=company.normal, unit=company.south)
    address = case_door.url("case_why", foreign.reference)
    for query in ({}, {"format": "json"}, {"show": "mail"}):
        assert signed_in(company.ann).get(address, query).status_code == 404


def test_a_rule_can_be_asked_now_and_nothing_is_written(company, flagged, case_door, signed_in):
    browser, address = signed_in(company.ann), case_door.url("case_why", flagged.reference)
    rules = {rule.key: rule for rule in Rule.objects.all()}
    late = {"since": "opened_at", "after": "2 days"}
    rules["late"] = write("late", NOTE, occasion="time_passed", timing=late)
    rules["survey"] = write("survey", {"action": "alert"})
    rules["free"] = write("free", NOTE, occasion="case_changed", cadence="every_time", conditions=FLAGGED)
    before = [model.objects.count() for model in (RuleAsking, RuleFiring, models.CaseEvent, Notification)]
    found = {
        key: browser.get(address, {"rule": rule.pk, "format": "json"}).json()["question"] for key, rule in rules.items()
    }
    assert {key: verdict["would_act"] for key, verdict in found.items()} == {
        "acts": False, "not": False, "late": False, "survey": False, "free": True,
    }  # fmt: skip
    assert found["not"]["against"] == ["Its conditions do not hold."]
    assert found["acts"]["against"][0].startswith("It may act: Once per response or case. It had acted")
    assert found["late"]["against"][0].startswith("Its time has not come")
    assert found["survey"]["against"] == ["The case has no response that it could be asked about."]
    assert "It would act" in browser.get(address, {"rule": rules["free"].pk}).text
    assert [model.objects.count() for model in (RuleAsking, RuleFiring, models.CaseEvent, Notification)] == before


def test_occasions_are_turned_page_by_page(company, case, case_door, signed_in, monkeypatch):
    monkeypatch.setattr("case_management.rules.explaining.AT_ONCE", 2)
    write("any", NOTE, occasion="case_changed")
    for verb in (operations.flag_case, operations.unflag_case) * 2:
        verb(case, by=SYSTEM)
    settle()
    browser, address = signed_in(company.ann), case_door.url("case_why", case.reference)
    seen, before = [], ""
    while before is not None:
        page = browser.get(address, {"format": "json", "before": before}).json()
        seen += [entry["event"] for entry in page["entries"]]
        before = page["before"]
    askings = RuleAsking.objects.filter(case=case)
    assert sorted(seen) == sorted(askings.values_list("event__seq", flat=True))
    assert 'rel="next"' in browser.get(address).text


def test_the_page_costs_the_same_for_one_occasion_and_for_many(company, case, case_door, signed_in):
    viewer = make_viewer("ruler", company.north, "view_rule")
    for number in range(3):
        write(f"rule{number}", NOTE, occasion="case_changed", cadence="every_time",
              conditions={"any": [FLAGGED, {"field": "title", "op": "contains", "value": "x"}]})  # fmt: skip
    browser, address, costs = signed_in(viewer), case_door.url("case_why", case.reference), []
    for many in (1, 9):
        for _ in range(many):
            operations.flag_case(case, by=SYSTEM)
            operations.unflag_case(case, by=SYSTEM)
        settle()
        browser.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert RuleAsking.objects.filter(case=case).count() > 18
