"""The list of cases as people use it, in both admins: by mouse, by keyboard, on a phone, and without JavaScript."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.flows.test_screens import DOORS, faults_on
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]


class Desk:
    """The list in one admin, signed in as one person."""

    def __init__(self, site, company, browser, door, **options) -> None:
        login, self.prefix = DOORS[door]
        self.start, self.address = f"{site.url}{login}", f"{site.url}{self.prefix}"
        self.page = log_in(browser, self.start, "casey.agent", company["passwords"]["casey.agent"])

    def open(self, query: str = "?view=all") -> None:
        """Go to the list."""
        self.page.goto(f"{self.address}{query}")

    def asked(self) -> dict[str, list[str]]:
        """The parameters of the address."""
        return parse_qs(urlsplit(self.page.url).query)

    def waits_for(self, **parameters: str) -> None:
        """Until the address asks for these, among others."""
        for name, value in parameters.items():
            self.page.wait_for_url(re.compile(rf"[?&]{name}={re.escape(value)}(&|$)"))
        self.page.wait_for_selector("[data-cm-list]:not([aria-busy])")

    def total(self) -> int:
        """How many cases the page says there are."""
        return int(re.search(r"\d+", self.page.locator(".cm-total").inner_text())[0])

    def count_beside(self, label: str) -> int:
        """The number beside a choice of the panel."""
        option = self.page.locator(".cm-facet__option", has_text=re.compile(rf"^\s*{label}\s*\d+\s*$")).first
        return int(option.locator(".cm-count").inner_text())


@pytest.fixture(params=list(DOORS))
def desk(request, site, company, browser):
    """The list in either admin."""
    site.start()
    return Desk(site, company, browser, request.param)


def test_the_list_is_filtered_kept_walked_and_read_without_the_mouse_and_with_it(desk):
    refused = []
    desk.page.on("console", lambda line: refused.append(line.text) if "Content Security" in line.text else None)
    choices_narrow_the_list_and_pills_take_them_away(desk)
    a_view_is_saved_pinned_and_opens_with_the_list(desk)
    another_order_has_other_headings(desk)
    the_keyboard_walks_the_rows(desk)
    two_clocks_show_themselves(desk)
    a_search_marks_its_words(desk)
    nothing_is_wrong_for_axe(desk)
    assert refused == []


def choices_narrow_the_list_and_pills_take_them_away(desk):
    desk.open()
    everything = desk.total()
    desk.page.locator("#cm-filters").click()
    desk.waits_for(panel="open")
    expected = desk.count_beside("In progress")
    desk.page.get_by_role("checkbox", name="In progress").check()
    desk.waits_for(status="in_progress")
    assert desk.total() == expected < everything
    assert desk.page.locator("#cm-said").inner_text().startswith(str(expected))
    desk.page.locator("#cm-facet-unit > summary").click()
    desk.page.get_by_label("Narrow: Unit").fill("East")
    region = desk.count_beside("MF-E Region East")
    desk.page.get_by_role("checkbox", name="MF-E Region East").check()
    desk.waits_for(unit="MF-E")
    assert desk.total() == region
    assert desk.page.get_by_label("Narrow: Unit").input_value() == "East"
    desk.page.locator(".cm-pill", has_text="Status").click()
    desk.page.wait_for_url(lambda address: "status=" not in address)
    assert desk.asked()["unit"] == ["MF-E"]
    desk.page.go_back()
    desk.waits_for(status="in_progress")
    assert desk.total() == region


def a_view_is_saved_pinned_and_opens_with_the_list(desk):
    page = desk.page
    page.get_by_text("Save view").click()
    page.get_by_label("Name of the view").fill("East, started")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector(".cm-viewbar")
    assert page.locator(".cm-viewbar h2").inner_text() == "East, started"
    page.get_by_role("button", name="Pin to the menu").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="Make it the default").click()
    page.wait_for_load_state()
    desk.open("dashboard/")
    address = urlsplit(desk.address).path
    pinned = page.locator(f"a[href^='{address}?'][href*='view=']", has_text="East, started")
    assert pinned.count() >= 1
    desk.open("")
    assert desk.asked()["unit"] == ["MF-E"]
    page.get_by_role("link", name="All cases").first.click()
    desk.waits_for(view="all")
    page.goto(f"{desk.address}views/")
    page.get_by_role("button", name=re.compile("No longer the default")).click()
    page.wait_for_load_state()
    desk.open("")
    assert "unit" not in desk.asked()


def another_order_has_other_headings(desk):
    desk.open("?status=open")
    assert desk.page.locator("h3.cm-stretch").first.inner_text() == "Past due"
    desk.page.get_by_label("Sort by").select_option(label="Priority")
    desk.waits_for(sort="priority")
    assert desk.page.locator("h3.cm-stretch").first.inner_text() in ("Urgent", "High")


def the_keyboard_walks_the_rows(desk):
    page = desk.page
    desk.open("?status=open")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".cm-case__link").nth(1)
    assert second.evaluate("link => link === document.activeElement")
    page.keyboard.press("x")
    assert page.locator("input[name=case]").nth(1).is_checked()
    page.keyboard.press("k")
    assert page.locator(".cm-case__link").nth(0).evaluate("link => link === document.activeElement")
    page.keyboard.press("?")
    assert page.locator("dialog#cm-keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("jj?")
    assert page.locator("#cm-q").input_value() == "jj?"
    assert not page.locator("dialog#cm-keys").is_visible()
    page.locator("#cm-q").fill("")
    page.locator(".cm-case__link").nth(0).focus()
    reference = page.locator(".cm-case .cm-reference").first.inner_text()
    page.keyboard.press("o")
    page.wait_for_url(re.compile(reference))
    page.go_back()


def two_clocks_show_themselves(desk):
    desk.open("?status=open")
    first, second = desk.page.locator(".cm-clock").nth(0), desk.page.locator(".cm-clock").nth(1)
    told = desk.page.locator(f"#{first.get_attribute('aria-describedby')}")
    assert not told.is_visible()
    first.focus()
    assert told.is_visible()
    assert "Customer has waited" in told.inner_text()
    desk.page.keyboard.press("Escape")
    assert not told.is_visible()
    second.hover()
    assert desk.page.locator(f"#{second.get_attribute('aria-describedby')}").is_visible()


def a_search_marks_its_words(desk):
    desk.open("?view=all")
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("breakfast")
    desk.page.keyboard.press("Enter")
    desk.waits_for(q="breakfast")
    assert desk.page.locator("h2.cm-group").first.inner_text().startswith("Best matches")
    assert desk.page.locator(".cm-case mark").first.inner_text().lower() == "breakfast"
    desk.open("?q=breakfst")
    desk.page.get_by_role("link", name="breakfast", exact=True).click()
    desk.waits_for(q="breakfast")
    assert desk.total() > 0


def nothing_is_wrong_for_axe(desk):
    faults = []
    for scheme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=scheme)
        for query in ("?view=all", "?panel=open&status=open", "?q=breakfast", "?q=nothinglikeit", "views/"):
            desk.open(query)
            faults += faults_on(desk.page)
    desk.open("?status=open")
    desk.page.locator(".cm-clock").first.focus()
    faults += faults_on(desk.page)
    desk.page.keyboard.press("?")
    faults += faults_on(desk.page)
    assert faults == []


def test_a_phone_shows_the_list_and_its_filters_and_no_script_is_needed(site, company, browser):
    site.start()
    for door in DOORS:
        desk = Desk(site, company, browser, door)
        desk.page.set_viewport_size({"width": 390, "height": 844})
        for query in ("?view=all", "?panel=open&status=open&unit=MF-E", "?q=breakfast", "views/"):
            desk.open(query)
            assert desk.page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), desk.page.url
        desk.open()
        assert not desk.page.get_by_role("link", name="My cases").first.is_visible()
        desk.page.locator(".cm-rail-toggle > summary").click()
        desk.page.locator(".cm-rail a", has_text="My cases").click()
        desk.waits_for(assignee="me")
        without_script(desk, browser)


def without_script(desk, browser):
    state = desk.page.context.storage_state()
    page = browser.new_context(java_script_enabled=False, storage_state=state).new_page()
    page.goto(f"{desk.address}?panel=open")
    page.locator("#cm-f-status input[value=open]").check()
    page.locator("#cm-panel button", has_text="Show cases").click()
    assert "status=open" in page.url
    first = page.locator(".cm-clock").first
    first.focus()
    assert page.locator(f"#{first.get_attribute('aria-describedby')}").is_visible()
