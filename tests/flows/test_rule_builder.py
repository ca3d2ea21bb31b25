"""A rule put together without code, kept as a draft, looked at, published, and seen to act; in both admins."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import CaseDraft, open_case
from example_project.processes import wait_until
from tests.flows.test_screens import faults_on
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DOORS = {
    "wagtail": ("/admin/login/", "/admin/cases/", "/admin/case-setup/rule/new/"),
    "django": (
        "/django-admin/login/",
        "/django-admin/case_management/case/",
        "/django-admin/case_management/rule/add/",
    ),
}


def press(page, do):
    with page.expect_navigation():
        page.locator(f'[data-cm-rule] button[value="{do}"], form button[value="{do}"]').first.click()


def choose(page, name, value):
    """Choosing fetches the inputs that go with it."""
    with page.expect_navigation():
        page.locator(f'[name="{name}"]').select_option(value)


def looked_at(page):
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        faults += faults_on(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), page.url
    page.set_viewport_size({"width": 1440, "height": 1000})
    assert faults == []


@pytest.mark.parametrize("door", DOORS)
def test_a_rule_is_built_kept_as_a_draft_published_and_acts(site, company, browser, door):
    login, cases, add = DOORS[door]
    site.start()
    page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
    page.goto(f"{site.url}{add}")
    page.fill("[name=name]", "Flag refunds")
    page.select_option("[name=occasion]", "case_opened")
    page.locator("[name=name]").press("Enter")
    page.wait_for_load_state()
    made = models.Rule.objects.filter(key="flag-refunds", state="draft")
    wait_until(made.exists, seconds=20, what="the rule")

    page.goto(f"{site.url}{cases}entries/rule/{made.get().pk}/build/")
    press(page, "add-leaf c")
    choose(page, "c.0.field", "title")
    choose(page, "c.0.op", "contains")
    page.fill('[name="c.0.value"]', "refund")
    page.select_option("[name=new_action]", "flag")
    press(page, "add-action")
    press(page, "look")
    assert "title contains refund, then: Flag for everybody." in page.locator(".cm-rule__words").inner_text()
    looked_at(page)
    press(page, "draft")
    rule = made.get()
    assert rule.conditions == {"all": [{"field": "title", "op": "contains", "value": "refund"}]}

    page.goto(f"{site.url}{cases}entries/rule/{rule.pk}/versions/")
    assert "title contains refund" in page.locator("ins").all_inner_texts()
    looked_at(page)
    press(page, "publish")
    assert "Version 1 is published." in page.locator("body").inner_text()
    page.goto(f"{site.url}{cases}entries/rule/findings/")
    looked_at(page)
    case = open_case(draft_of_a_case(), by=Actor.system("test"))
    wait_until(lambda: models.Case.objects.get(pk=case.pk).flagged, seconds=60, what="the rule to act")
    assert models.RuleFiring.objects.filter(rule=rule, case=case).count() == 1


def draft_of_a_case():
    one = models.Case.objects.select_related("topic", "source", "unit").filter(unit__isnull=False).first()
    return CaseDraft(title="A refund, please", topic=one.topic, source=one.source, unit=one.unit)
