"""What stands in either admin beside the pages of cases: start page, search, preferences, merging, putting in order."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import formats

from case_management import models
from tests.flows.test_screens import DOORS, RULES, SETTLED, faults_on, wait_until_made
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

AGENT = "casey.agent"


class Visit:
    """One person in one admin; :attr:`faults` gathers what axe and the content policy complain of."""

    def __init__(self, site, company, browser, door, who) -> None:
        login, self.prefix = DOORS[door]
        self.is_wagtail, self.browser = door == "wagtail", browser
        self.root, self.start = site.url, f"{site.url}/{login.split('/')[1]}/"
        self.page = log_in(browser, f"{site.url}{login}", who, company["passwords"][who])
        self.faults: list[str] = []
        self.page.on("console", self._hear)

    def _hear(self, line) -> None:
        if "Content Security" in line.text:
            self.faults.append(line.text)

    def open(self, path: str) -> None:
        """Go to one of our pages."""
        self.page.goto(f"{self.root}{self.prefix}{path}")

    def look(self, within: str = ".cm") -> None:
        """Have axe look at our part of the page, in both colour schemes."""
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if within == ".cm":
                self.faults += faults_on(self.page)
                continue
            self.page.evaluate(SETTLED)
            found = Axe().run(self.page, context=within, options=RULES).response["violations"]
            self.faults += [f"{self.page.url}: {each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


def test_an_agent_finds_cases_on_the_start_page_in_the_search_and_sets_preferences(site, company, browser):
    site.start()
    for door in DOORS:
        visit = Visit(site, company, browser, door, AGENT)
        the_start_page_leads_to_the_most_urgent_case(visit)
        if visit.is_wagtail:
            the_search_in_the_sidebar_finds_cases(visit, company)
            a_kind_is_muted_and_a_time_zone_set_on_the_account_page(visit)
        else:
            a_kind_is_muted_and_a_time_zone_set_on_the_preferences_page(visit)
        moments_are_told_in(visit, "Asia/Tokyo")
        assert visit.faults == []
        models.Preferences.objects.all().delete()


def the_start_page_leads_to_the_most_urgent_case(visit):
    mine = models.Case.objects.open().filter(assignee__username=AGENT, snoozed_until=None)
    most_urgent = min(mine, key=lambda case: (case.urgent_at, case.priority_rank, case.pk))
    visit.page.goto(visit.start)
    visit.look()
    first = visit.page.locator(".cm-mine > li").first
    assert most_urgent.reference in first.inner_text()
    first.locator("a").click()
    visit.page.wait_for_url(f"**{visit.prefix}{most_urgent.reference}/")
    assert most_urgent.title in visit.page.locator(".cm").inner_text()


def the_search_in_the_sidebar_finds_cases(visit, company):
    reference = company["escalated"]
    visit.page.goto(visit.start)
    visit.page.locator("#menu-search-q").fill(reference)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(f"**{visit.prefix}?q={reference}")
    assert reference in visit.page.locator(".cm").inner_text()


def a_kind_is_muted_and_a_time_zone_set_on_the_account_page(visit):
    page, account = visit.page, f"{visit.start}account/"
    page.goto(f"{account}#tab-cases")
    mailed = page.locator("#tab-cases input[type=checkbox][name$=mailed]")
    assert all(box.is_checked() for box in mailed.all())
    mailed.first.uncheck()
    visit.look("#tab-cases")
    page.get_by_role("tab", name="Profile").click()
    page.locator("select[name$=current_time_zone]").select_option("Asia/Tokyo")
    page.get_by_role("button", name=re.compile("Save")).click()
    page.wait_for_load_state()
    page.goto(f"{account}#tab-cases")
    is_muted_now(mailed)


def a_kind_is_muted_and_a_time_zone_set_on_the_preferences_page(visit):
    page = visit.page
    page.goto(visit.start)
    page.locator(".cm-home").get_by_role("link", name="Preferences").click()
    mailed = page.locator("input[type=checkbox][name=mailed]")
    mailed.first.uncheck()
    page.locator("select[name=time_zone]").select_option("Asia/Tokyo")
    visit.look()
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert "Your preferences are saved." in page.locator("body").inner_text()
    assert page.locator("select[name=time_zone]").input_value() == "Asia/Tokyo"
    is_muted_now(mailed)


def is_muted_now(mailed):
    first, *others = mailed.all()
    assert not first.is_checked()
    assert all(box.is_checked() for box in others)
    assert models.Preferences.objects.get(user__username=AGENT).muted == [first.get_attribute("value")]


def moments_are_told_in(visit, zone):
    case = models.Case.objects.filter(assignee__username=AGENT).first()
    visit.open(f"{case.reference}/")
    there = case.opened_at.astimezone(ZoneInfo(zone))
    told = visit.page.locator(".cm-facts dt", has_text=re.compile("^Opened$")).locator("xpath=../dd").inner_text()
    assert told == formats.date_format(there, "DATETIME_FORMAT")


def test_an_administrator_merges_an_entry_takes_it_back_and_puts_lists_in_order(site, company, browser):
    site.start()
    for door in DOORS:
        visit = Visit(site, company, browser, door, "admin")
        an_entry_is_merged_and_the_merge_taken_back(visit)
        buttons_and_dragging_change_what_the_new_case_form_offers(visit)
        the_keyboard_moves_an_entry_or_leaves_it(visit)
        the_buttons_need_no_script(visit)
        a_phone_shows_the_order(visit)
        assert visit.faults == []


def an_entry_is_merged_and_the_merge_taken_back(visit):
    topics = models.Topic.objects.filter(is_active=True, numchild=0, cases__isnull=False).distinct()
    old, new = topics.exclude(key__in=_named_by_rules())[:2]
    moving = set(old.cases.values_list("reference", flat=True))
    page = visit.page
    visit.open(f"entries/topic/{old.pk}/merge/")
    visit.look()
    page.locator("select[name=into]").select_option(str(new.pk))
    page.get_by_role("button", name="Show what would move").click()
    assert re.search(rf"\b{len(moving)} cases? will carry it instead", page.locator(".cm").inner_text())
    visit.look()
    assert set(old.cases.values_list("reference", flat=True)) == moving, "nothing moves before it is confirmed"
    page.get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_url(re.compile(r"/changes/\d+/$"))
    wait_until_made(page)
    assert not old.cases.exists()
    assert all(page.get_by_text(reference).count() for reference in sorted(moving)[:5])
    visit.look()
    receipt = page.url
    page.get_by_role("button", name=re.compile("^Undo for")).click()
    page.wait_for_url(lambda url: url != receipt)
    wait_until_made(page)
    assert set(old.cases.values_list("reference", flat=True)) == moving
    models.Topic.objects.filter(pk=old.pk).update(is_active=True)


def _named_by_rules():
    words = " ".join(f"{rule.conditions} {rule.actions}" for rule in models.Rule.objects.filter(is_active=True))
    return set(re.findall(r"'([a-z0-9-]+)'", words))


def buttons_and_dragging_change_what_the_new_case_form_offers(visit):
    page = visit.page
    first, second, *_others, last = offered = types_offered(visit)
    to_the_order(visit)
    visit.look()
    button(page, second, "Up").click()
    page.locator("[data-cm-said]", has_text=f"“{second}” is number 1 of {len(offered)} now.").wait_for()
    assert focused(page) == f"Down: {second}", "the entry keeps the focus, on the button that still works"
    assert types_offered(visit)[:2] == [second, first]
    to_the_order(visit)
    drag(page, last, onto=second)
    page.locator("[data-cm-said]", has_text=f"“{last}” is number 1 of").wait_for()
    visit.look()
    assert focused(page) == f"Move {last}"
    assert types_offered(visit)[:3] == [last, second, first]


def types_offered(visit):
    """The case types that the new-case form offers, in its order."""
    visit.open("new/")
    options = visit.page.locator("select[name=case_type] option").all()
    return [option.inner_text().strip() for option in options if option.get_attribute("value")]


def to_the_order(visit):
    """From the list to the page, as people go."""
    lists = "/admin/case-setup/casetype/" if visit.is_wagtail else "/django-admin/case_management/casetype/"
    visit.page.goto(f"{visit.root}{lists}")
    visit.page.get_by_role("link", name="Order", exact=True).click()
    visit.page.wait_for_url(f"**{visit.prefix}entries/casetype/order/")


def row_of(page, name):
    return page.locator("[data-cm-entry]", has=page.locator("[data-cm-name]", has_text=re.compile(f"^{name}$")))


def button(page, name, label):
    return row_of(page, name).get_by_role("button", name=f"{label}: {name}", exact=True)


def focused(page):
    """What a screen reader calls the part that has the focus."""
    return page.evaluate("document.activeElement.querySelector('.cm-sr')?.textContent.trim()")


def order_on(page):
    return page.locator("[data-cm-name]").all_inner_texts()


def drag(page, name, *, onto):
    """By the handle, with the mouse, to just above the middle of another row."""
    grip, target = row_of(page, name).locator("[data-cm-grip]").bounding_box(), row_of(page, onto).bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(grip["x"] + 10, target["y"] + target["height"] * 0.8, steps=4)
    page.mouse.move(grip["x"] + 10, target["y"] + target["height"] * 0.2, steps=4)
    page.mouse.up()


def the_keyboard_moves_an_entry_or_leaves_it(visit):
    page = visit.page
    to_the_order(visit)
    before = order_on(page)
    row_of(page, before[0]).locator("[data-cm-grip]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.locator("[data-cm-said]").inner_text() == f"Number 2 of {len(before)}."
    page.keyboard.press("Escape")
    assert order_on(page) == before
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("[data-cm-said]", has_text=f"“{before[0]}” is number 2 of").wait_for()
    assert focused(page) == f"Move {before[0]}"
    page.reload()
    assert order_on(page) == [before[1], before[0], *before[2:]]


def the_buttons_need_no_script(visit):
    state = visit.page.context.storage_state()
    page = visit.browser.new_context(java_script_enabled=False, storage_state=state).new_page()
    page.goto(f"{visit.root}{visit.prefix}entries/casetype/order/")
    before = order_on(page)
    assert not page.locator("[data-cm-grip]").first.is_visible()
    button(page, before[0], "To the end").click()
    page.wait_for_url("**moved=*")
    page.wait_for_load_state()
    assert order_on(page) == [*before[1:], before[0]]
    assert f"“{before[0]}” is number {len(before)} of {len(before)} now." in page.locator(".cm-notice--ok").inner_text()
    assert button(page, before[0], "Up").get_attribute("autofocus") is not None
    assert urlsplit(page.url).fragment.startswith("cm-entry-")
    page.context.close()


def a_phone_shows_the_order(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for name in ("casetype", "priority", "tag", "rule"):
        visit.open(f"entries/{name}/order/")
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), visit.page.url
        visit.look()
