"""Drafts, approval and publishing in both admins: what acts goes on until somebody publishes, having seen the diff."""

from __future__ import annotations

import pytest

from case_management.models import Rule, Settings
from case_management.testing import make_user
from tests.ui.rules.test_builder import press

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver(signed_in, company):
    return signed_in(make_user("approver", role="Case manager"))


def needs_approval():
    settings = Settings.load()
    settings.rules_need_approval = True
    settings.save()


def drafted(door, boss, rule, command="draft"):
    url = door.url("rule_build", rule.pk)
    answer, page = press(boss, url, boss.get(url).content.decode(), command, c__0__value="3")
    assert answer.status_code == 302, page
    return Rule.objects.get(version=2)


def step(door, browser, rule, do, **sent):
    url = door.url("rule_versions", rule.pk)
    page = browser.get(url).content.decode()
    over = page.split('name="over" value="')[1].split('"')[0]
    return browser.post(url, {"do": do, "over": over, **sent}, follow=True)


def test_a_draft_is_shown_against_the_live_version_and_then_published(case_door, boss, rule):
    draft = drafted(case_door, boss, rule)
    assert [live.pk for live in Rule.objects.live("case_opened")] == [rule.pk], "what is published goes on"
    page = boss.get(case_door.url("rule_versions", draft.pk)).content.decode()
    assert "<del><bdi>latest score is at most 4</bdi></del>" in page
    assert "<ins><bdi>latest score is at most 3</bdi></ins>" in page
    assert "Saved: <bdi>boss</bdi>" in page
    said = step(case_door, boss, draft, "publish").content.decode()
    assert "Version 2 is published" in said
    assert [live.pk for live in Rule.objects.live("case_opened")] == [draft.pk]


def test_a_draft_runs_in_the_shadow_of_the_live_version_until_it_is_taken_back(case_door, boss, rule):
    draft = drafted(case_door, boss, rule)
    said = step(case_door, boss, draft, "shadow").content.decode()
    assert "Version 2 runs in the shadow" in said
    assert case_door.url("rule_shadow", draft.pk) in said
    assert [asked.pk for asked in Rule.objects.asked()] == [rule.pk, draft.pk]
    assert [live.pk for live in Rule.objects.live("case_opened")] == [rule.pk], "beside it, not in its place"
    step(case_door, boss, draft, "withdraw")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_second_draft_is_not_begun_beside_one_that_somebody_works_on(case_door, boss, rule):
    draft = drafted(case_door, boss, rule)
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    assert case_door.url("rule_build", draft.pk) in page
    answer, page = press(boss, url, page, "draft", c__0__value="1")
    assert answer.status_code == 422
    assert "Version 2 of this rule is being worked on" in page
    draft.refresh_from_db()
    assert draft.conditions["all"][0]["value"] == 3


def test_of_two_who_change_a_draft_at_once_the_second_is_told_and_may_keep_theirs(case_door, boss, rule):
    draft = drafted(case_door, boss, rule)
    url = case_door.url("rule_build", draft.pk)
    both = boss.get(url).content.decode()
    press(boss, url, both, "draft", c__0__value="2")
    _answer, looked = press(boss, url, both, "look", c__0__value="1")
    answer, told = press(boss, url, looked, "draft")
    draft.refresh_from_db()
    assert (answer.status_code, draft.conditions["all"][0]["value"]) == (422, 2)
    assert "Somebody else has changed this rule since you opened it" in told
    answer, _page = press(boss, url, told, "draft")
    draft.refresh_from_db()
    assert (answer.status_code, draft.conditions["all"][0]["value"]) == (302, 1)


def test_who_works_on_what_was_live_is_told_of_a_newer_version(case_door, boss, rule):
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    drafted(case_door, boss, rule)
    answer, told = press(boss, url, page, "save", c__0__value="1")
    assert answer.status_code == 422
    assert "Somebody else has changed this rule" in told
    assert Rule.objects.live("case_opened").get() == rule


def test_one_click_still_saves_and_publishes(case_door, boss, rule):
    draft = drafted(case_door, boss, rule)
    url = case_door.url("rule_build", draft.pk)
    answer, page = press(boss, url, boss.get(url).content.decode(), "save", c__0__value="2")
    assert answer.status_code == 302, page
    live = Rule.objects.live("case_opened").get()
    assert (live.pk, live.conditions["all"][0]["value"]) == (draft.pk, 2)


def test_where_rules_are_approved_somebody_else_does_it(case_door, boss, approver, rule):
    needs_approval()
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    assert "Save and publish" not in page
    answer, _page = press(boss, url, page, "save", c__0__value="3")
    assert answer.status_code == 422, "not by sending the button that is not there"
    awaiting = drafted(case_door, boss, rule, "submit")
    assert awaiting.state == "awaiting"
    boss.post(case_door.url("rule_versions", awaiting.pk), {"do": "publish"})
    assert not Rule.objects.get(version=2).is_active
    assert "somebody else approves it" in boss.get(case_door.url("rule_versions", awaiting.pk)).content.decode()
    said = step(case_door, approver, awaiting, "refuse", reason="Four was right.").content.decode()
    assert "is a draft again" in said
    page = boss.get(case_door.url("rule_build", awaiting.pk)).content.decode()
    assert "Sent back by approver:" in page
    assert "Four was right." in page
    press(boss, case_door.url("rule_build", awaiting.pk), page, "submit", c__0__value="3.5")
    page = step(case_door, approver, awaiting, "publish").content.decode()
    assert "Version 2 is published" in page
    assert "Approved: <bdi>approver</bdi>" in page
    assert Rule.objects.live("case_opened").get().conditions["all"][0]["value"] == 3.5


def test_who_looked_at_older_differences_is_told_and_nothing_changes(case_door, boss, rule):
    draft = drafted(case_door, boss, rule)
    url = case_door.url("rule_versions", rule.pk)
    boss.post(case_door.url("rule_versions", draft.pk), {"do": "publish", "over": "1"})
    answer = boss.post(url, {"do": "publish", "over": "1"}, follow=True).content.decode()
    assert "Version 2 was published by boss meanwhile" in answer
    assert Rule.objects.live("case_opened").get() == draft


def test_reading_is_for_those_who_may_see_rules(case_door, signed_in, company, rule):
    manager = signed_in(make_user("manager", role="Case manager"))
    url = case_door.url("rule_versions", rule.pk)
    assert manager.get(url).status_code == 200
    manager.post(url, {"do": "retire"})
    assert Rule.objects.get().is_active
