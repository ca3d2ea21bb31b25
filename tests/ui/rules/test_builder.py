"""The builder of rules in both admins: put together by buttons alone, checked while it is built, saved in versions."""

from __future__ import annotations

import re

import pytest

from case_management import models
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db


def form_of(page: str) -> dict[str, list[str]]:
    """What a browser would send back, without the buttons."""
    main = page[page.index("data-cm-rule") :]
    main = main[: main.index("</form>")]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name, kind = re.search(r'name="([^"]*)"', tag), re.search(r'type="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and not (kind and kind[1] in ("checkbox", "radio") and "checked" not in tag):
            sent.setdefault(name[1], []).append(value[1] if value else "on")
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)"[^>]*selected', body)
        first = re.findall(r'<option value="([^"]*)"', body)[:1]
        sent[name] = chosen or ([] if "multiple" in main[main.index(f'name="{name}"') :][:60] else first)
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', main, re.DOTALL):
        sent[name] = [body.strip()]
    return sent


def press(browser, url, page, do, **changes):
    """Send the page's form with a button, and some inputs filled in."""
    names = {name.replace("__", "."): value for name, value in changes.items()}
    answer = browser.post(url, {**form_of(page), **names, "do": do})
    return answer, answer.content.decode()


def test_the_builder_shows_the_rule_and_says_it_in_words(case_door, boss, rule):
    page = boss.get(case_door.url("rule_build", rule.pk)).content.decode()
    assert "When a case is opened and latest score is at most 4, then: Flag for everybody." in page
    assert "“" not in page[page.index("cm-rule-words") :][:50]


def test_a_condition_is_added_by_buttons_alone_and_checked_while_it_is_built(case_door, boss, rule, company):
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    _answer, page = press(boss, url, page, "add-leaf c")
    _answer, page = press(boss, url, page, "look", **{"c__1__field": "topic"})
    assert 'name="c.1.op"' in page and "Food" in page
    _answer, page = press(boss, url, page, "look", **{"c__1__op": "under", "c__1__value": ""})
    assert "Give a text to compare with" in page
    assert "not finished" in page
    _answer, page = press(boss, url, page, "look", **{"c__1__value": "food"})
    assert "and topic is or lies below Food, then" in page
    answer, _page = press(boss, url, page, "save")
    assert answer.status_code == 302
    rule.refresh_from_db()
    assert rule.conditions == {
        "all": [{"field": "score", "op": "lte", "value": 4}, {"field": "topic", "op": "under", "value": "food"}]
    }


def test_groups_nest_and_parts_are_taken_out(case_door, boss, rule):
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    _answer, page = press(boss, url, page, "add-group c")
    _answer, page = press(boss, url, page, "look", **{"c__1__how": "none", "c__1__0__field": "flagged"})
    _answer, page = press(boss, url, page, "drop c.0", **{"c__1__0__value": "yes"})
    answer, page = press(boss, url, page, "save")
    assert answer.status_code == 302, page
    rule.refresh_from_db()
    assert rule.conditions == {"all": [{"not": {"any": [{"field": "flagged", "op": "is", "value": True}]}}]}


def test_actions_are_added_moved_and_checked(case_door, boss, rule, company):
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    _answer, page = press(boss, url, page, "add-action", new_action="note")
    _answer, page = press(boss, url, page, "look", **{"a1-text": "short"})
    assert "at least 10 characters" in page
    answer, page = press(boss, url, page, "save")
    assert answer.status_code == 422
    _answer, page = press(boss, url, page, "up-action 1", **{"a1-text": "Call them back today."})
    _answer, page = press(boss, url, page, "add-action", new_action="set_topic")
    _answer, page = press(boss, url, page, "add-action", new_action="notify", **{"a2-topic": "food"})
    answer, page = press(boss, url, page, "save", **{"a3-to": "assignee, user:ann"})
    assert answer.status_code == 302, page
    rule.refresh_from_db()
    assert rule.actions == [
        {"action": "note", "text": "Call them back today."}, {"action": "flag"},
        {"action": "set_topic", "topic": "food"}, {"action": "notify", "to": ["assignee", "user:ann"]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "op", "given", "stored"),
    [
        ("status", "in", {"value": ["new", "waiting"]}, ["new", "waiting"]),
        ("awaiting_since", "longer_ago", {"amount": "2", "unit": "business days"}, "2 business days"),
        ("contact_cases", "gte", {"count": "3", "days": "30"}, {"count": 3, "days": 30}),
        ("changed.status", "from_to", {"from": "waiting", "to": ""}, {"from": "waiting"}),
        ("flagged", "is", {"value": "no"}, False),
        ("message", "matches", {"value": "(?i)refund"}, "(?i)refund"),
        ("due_at", "before", {"value": "2026-03-01T09:00"}, "2026-03-01T09:00:00+00:00"),
        ("score", "eq", {"value": "4.5"}, 4.5),
    ],
)
def test_every_sort_of_value_goes_in_and_comes_back_as_it_was(case_door, boss, rule, field, op, given, stored):
    url = case_door.url("rule_build", rule.pk)
    sent = {
        "name": "Angry", "occasion": "case_changed", "cadence": "every_time", "cadence_days": "28", "position": "0",
        "c.how": "all", "c.n": "1", "c.0.field": field, "c.0.asked": field, "c.0.op": op,
        **{f"c.0.{name}": value for name, value in given.items()}, "a.n": "1", "a0.action": "flag",
    }  # fmt: skip
    answer = boss.post(url, {**sent, "do": "save"})
    assert answer.status_code == 302, answer.content.decode()
    rule.refresh_from_db()
    assert rule.conditions == {"all": [{"field": field, "op": op, "value": stored}]}
    page = boss.get(url).content.decode()
    assert boss.post(url, {**form_of(page), "do": "save"}).status_code == 302
    again = models.Rule.objects.get(pk=rule.pk)
    assert again.conditions == rule.conditions, "saved again without a change it is the same"


def test_a_survey_question_is_named_and_suggested(case_door, boss, rule, company):
    models.Interaction.objects.create(
        source=company.survey, external_id="1", answers={"Clean?": 3}, occurred_at="2026-01-01T00:00Z",
        available_at="2026-01-01T00:00Z",
    )  # fmt: skip
    url = case_door.url("rule_build", rule.pk)
    _answer, page = press(boss, url, boss.get(url).content.decode(), "look", c__0__field="response.answer.")
    assert 'value="Clean?"' in page
    _answer, page = press(boss, url, page, "look", c__0__name="Clean?")
    answer, page = press(boss, url, page, "save", c__0__op="lte", c__0__value="3")
    assert answer.status_code == 302, page
    rule.refresh_from_db()
    assert rule.conditions == {"all": [{"field": "response.answer.Clean?", "op": "lte", "value": 3}]}


def test_a_rule_that_has_acted_gets_the_next_version_and_an_unchanged_one_does_not(case_door, boss, rule, case):
    models.RuleFiring.objects.create(rule=rule, key="k", case=case, about_at=case.opened_at, fired_at=case.opened_at)
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    assert "makes the next version" in page
    answer, _page = press(boss, url, page, "save")
    assert models.Rule.objects.count() == 1
    answer, _page = press(boss, url, page, "save", c__0__value="3")
    newest = models.Rule.objects.get(version=2)
    assert answer.url == case_door.url("rule_build", newest.pk)
    assert (newest.is_active, models.Rule.objects.get(version=1).is_active) == (True, False)


def test_nonsense_changes_nothing_and_is_no_error(case_door, boss, rule):
    url = case_door.url("rule_build", rule.pk)
    for sent in (
        {"do": "drop c"}, {"do": "drop c.9.9"}, {"do": "add-leaf x"}, {"do": "add-leaf c.٣"}, {"do": "up-action 9"},
        {"c.n": "99999", "do": "look"}, {"c.n": "-1"}, {"occasion": "never"}, {"a.n": "x", "a0.action": "telephone"},
        {"c.n": "1", "c.0.field": "scroe", "c.0.asked": "scroe", "do": "look"},
        {"c.n": "1", "c.0.field": "score", "c.0.asked": "score", "c.0.op": "sql", "c.0.value": "1", "do": "look"},
        {"do": "save"},
    ):  # fmt: skip
        assert boss.post(url, sent).status_code in (200, 422), sent
    rule.refresh_from_db()
    assert rule.actions == [{"action": "flag"}]


def test_what_is_said_of_the_rule_is_said_of_it_as_it_stands_on_the_page(case_door, boss, rule):
    models.Rule.objects.create(
        key="first", name="First of all", occasion="case_opened", actions=[{"action": "flag"}], position=3,
        stop_processing=True,
    )  # fmt: skip
    url = case_door.url("rule_build", rule.pk)
    page = boss.get(url).content.decode()
    assert "First of all" not in page
    _answer, page = press(boss, url, page, "look", position="5")
    assert "First of all" in page
    rule.refresh_from_db()
    assert rule.position == 0


def test_only_who_may_change_rules_everywhere_builds_them(case_door, signed_in, company, rule):
    url = case_door.url("rule_build", rule.pk)
    assert signed_in(company.ann).get(url).status_code in (302, 403)
    below = make_viewer("below", company.north, "change_rule")
    assert signed_in(below).post(url, {"do": "save", "name": "Mine"}).status_code in (302, 403)
    rule.refresh_from_db()
    assert rule.name == "Angry"


def test_a_new_rule_waits_switched_off_for_its_actions(boss, company):
    from case_management.ui.setup.versions import RuleForm

    form = RuleForm(
        {
            "name": "New",
            "occasion": "case_opened",
            "cadence": "every_time",
            "cadence_days": 28,
            "position": 0,
            "is_active": True,
        }
    )
    assert form.is_valid(), form.errors
    assert form.save().is_active is False
