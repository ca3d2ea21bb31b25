"""An agent at the case page in both admins: the timeline, a note that resolves, editing, tags, and all of it bare."""

from __future__ import annotations

import re

import pytest

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import NoteAdded, NoteText, PriorityChanged
from case_management.timeline.recorder import Entry, record
from tests.flows.test_screens import DOORS, faults_on
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

WHO = "morgan.manager"
NOTE = "Called the guest and said sorry for the noise."
MANY = 10_000


class Desk:
    """One agent in one admin; :attr:`faults` gathers what axe and the content policy complain of."""

    def __init__(self, site, company, browser, door) -> None:
        login, prefix = DOORS[door]
        self.prefix = f"{site.url}{prefix}"
        self.page = log_in(browser, f"{site.url}{login}", WHO, company["passwords"][WHO])
        self.faults: list[str] = []
        self.page.on("console", self._hear)

    def _hear(self, line) -> None:
        if "Content Security" in line.text:
            self.faults.append(line.text)

    def open(self, case, query="") -> None:
        """Go to the case."""
        self.page.goto(f"{self.prefix}{case.reference}/{query}")

    def look(self) -> None:
        """Have axe look at the page, in both colour schemes and on a phone."""
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.faults += faults_on(self.page)
        self.page.set_viewport_size({"width": 390, "height": 844})
        if not self.page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"):
            self.faults.append(f"{self.page.url} scrolls sideways on a phone")
        self.faults += faults_on(self.page)
        self.page.set_viewport_size({"width": 1440, "height": 1000})

    def tab(self, slug) -> None:
        """Open a tab, or an action, by its summary."""
        panel = self.page.locator(f"#cm-panel-{slug}")
        panel.locator("summary").first.click()
        panel.locator(f"form[action*='/{slug}/']").wait_for()

    def send(self, slug, button) -> None:
        """Press a button of a form and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.locator(f"form[action*='/{slug}/']").get_by_role("button", name=button, exact=True).click()


def open_case(number=0):
    """A case that the company works on, without a type, so that only a reason and a note are asked for."""
    case = list(models.Case.objects.filter(status="in_progress").order_by("pk")[:20])[number]
    if case.case_type_id is not None:
        models.TagCategory.required_for.through.objects.filter(casetype=case.case_type_id).delete()
        models.CaseType.objects.filter(pk=case.case_type_id).update(
            requires_resolution_method=False, requires_close_channel=False
        )
    return case


def test_ten_thousand_events_are_read_filtered_and_unfolded(site, company, browser):
    site.start()
    site.processes.stop("worker")  # it would add events of its own, and we count
    case = open_case()
    priority = models.Priority.objects.first()
    kinds = [NoteAdded(note=NoteText(NOTE)), PriorityChanged(to=priority.pk, rank=priority.rank)]
    events = [kinds[number % 2] for number in range(MANY - case.version)]
    record([Entry(case, events, Actor.system("test"))], quietly=True)
    for door in DOORS:
        desk = Desk(site, company, browser, door)
        desk.open(case)
        entries = desk.page.locator("#cm-log > .cm-entry")
        assert entries.count() == 50
        desk.look()
        what_is_older_is_appended(desk, entries)
        all_entries_unfold_and_fold(desk, entries)
        filters_and_order_change_without_leaving_the_page(desk, entries)
        assert desk.faults == []


def what_is_older_is_appended(desk, entries):
    for shown in (100, 150):
        desk.page.locator("[data-cm-more]").click()
        entries.nth(shown - 1).wait_for(state="attached")
        assert entries.count() == shown
    focused = desk.page.evaluate("[...document.querySelectorAll('.cm-entry summary')].indexOf(document.activeElement)")
    assert focused == 100, "the first of the new entries has the focus"
    numbers = [int(text) for text in entries.locator("dd.cm-number:last-child").all_text_contents()]
    assert numbers == list(range(MANY, MANY - 150, -1))


def all_entries_unfold_and_fold(desk, entries):
    for name, open_ones in (("Expand all", 150), ("Collapse all", 0)):
        desk.page.get_by_role("link", name=name).click()
        assert desk.page.locator("#cm-log details[open]").count() == open_ones


def filters_and_order_change_without_leaving_the_page(desk, entries):
    desk.page.locator("form[action*='/note/'] textarea").fill("Not yet sent")
    for name, query in (("Notes", "show=notes"), ("Oldest first", "order=oldest")):
        desk.page.locator("#cm-timeline").get_by_role("link", name=name, exact=True).click()
        desk.page.wait_for_url(f"**{query}**")
    assert entries.count() == 50
    assert desk.page.locator("#cm-log .cm-entry--note").count() == 50
    assert desk.page.locator("form[action*='/note/'] textarea").input_value() == "Not yet sent"
    desk.page.reload()
    assert desk.page.locator("#cm-log .cm-entry--note").count() == 50
    desk.page.evaluate("sessionStorage.clear()")


def test_a_note_goes_on_to_resolve_and_nothing_typed_is_lost_when_that_is_refused(site, company, browser):
    site.start()
    for number, door in enumerate(DOORS):
        case, desk = open_case(number), Desk(site, company, browser, door)
        desk.open(case, "?list=status%3Dopen")
        desk.page.locator("form[action*='/note/'] textarea").fill(NOTE)
        desk.page.get_by_role("button", name="Save and resolve").first.click()
        resolve = desk.page.locator("form[action*='/resolve/']")
        assert resolve.locator("textarea").input_value() == NOTE
        assert desk.page.locator("form[action*='/note/'] textarea").input_value() == ""
        resolve.locator("textarea").fill("short")
        resolve.locator("select[name=closure_reason]").select_option(index=1)
        desk.send("resolve", "Save and resolve")
        assert resolve.locator("textarea").input_value() == "short"
        assert "at least 10 characters" in desk.page.locator(".cm-errors").inner_text()
        desk.look()
        case.refresh_from_db()
        assert case.status == "in_progress"
        resolve.locator("textarea").fill(NOTE)
        desk.send("resolve", "Save and resolve")
        case.refresh_from_db()
        assert (case.status, case.notes.last().text) == ("resolved", NOTE)
        assert case.reference not in desk.page.url, "the next case is open"
        desk.open(case)
        head = desk.page.locator(".cm-case-head").inner_text()
        assert "took " in head
        assert case.closure_reason.name in head
        a_tag_is_put_on_after_the_end(desk, case)
        it_is_reopened(desk, case)
        assert desk.faults == []


def a_tag_is_put_on_after_the_end(desk, case):
    before = case.tags.count()
    desk.page.locator("#cm-panel-tag > summary").click()
    desk.page.locator("#cm-panel-tag input[type=checkbox]:not(:checked)").first.check()
    desk.send("tag", "Save tags")
    assert case.tags.count() == before + 1
    desk.page.locator("#cm-tags > summary").click()
    desk.page.reload()
    assert not desk.page.locator("#cm-tags").evaluate("section => section.open"), "the section stays folded"
    desk.page.locator("#cm-tags > summary").click()
    desk.look()


def it_is_reopened(desk, case):
    desk.tab("reopen")
    desk.page.locator("form[action*='/reopen/'] select").first.select_option(index=1)
    desk.page.locator("form[action*='/reopen/'] textarea").fill("The guest called again, still noisy.")
    desk.send("reopen", "Reopen")
    case.refresh_from_db()
    assert case.status == "in_progress"
    assert case.reopen_reason.name in desk.page.locator(".cm-case-head").inner_text()


def test_editing_is_cleared_and_saved(site, company, browser):
    site.start()
    for number, door in enumerate(DOORS):
        case, desk = open_case(number), Desk(site, company, browser, door)
        was = case.title
        desk.open(case)
        desk.tab("edit")
        heading = desk.page.locator("form[action*='/edit/'] input[name=heading]")
        heading.fill("Something else")
        desk.page.locator("form[action*='/edit/']").get_by_role("button", name="Clear").click()
        assert heading.input_value() == was
        desk.look()
        heading.fill("")
        desk.page.locator("form[action*='/edit/']").evaluate("form => { form.noValidate = true; }")
        desk.send("edit", "Save")
        desk.page.locator("form[action*='/edit/']").get_by_role("link", name="Clear").click()
        desk.page.wait_for_url("**do=edit**")
        assert heading.input_value() == was
        heading.fill("The lift was out of order all week")
        desk.send("edit", "Save")
        case.refresh_from_db()
        assert case.title == "The lift was out of order all week"
        assert "Corrected: Title" in desk.page.locator("#cm-log").inner_text()
        case_is_taken_with_one_button(desk, case)
        assert desk.faults == []


def case_is_taken_with_one_button(desk, case):
    if case.assignee is not None and case.assignee.username != WHO:
        with desk.page.expect_navigation():
            desk.page.locator("[data-cm-shortcut=a]").click()
        case.refresh_from_db()
        assert case.assignee.username == WHO


class Bare:
    """A browser whose pages run no script."""

    def __init__(self, browser) -> None:
        self.browser = browser

    def new_page(self, **facts):
        """A page of its own context."""
        return self.browser.new_context(java_script_enabled=False, **facts).new_page()


def test_everything_works_without_a_script(site, company, browser):
    site.start()
    site.processes.stop("worker")  # as above: the address of what is older tells a number of events
    for number, door in enumerate(DOORS):
        case = open_case(number)
        for turn in range(60):
            operations.add_note(case, text=f"Note number {turn:03} of many.", by=Actor.system("test"))
        login, prefix = DOORS[door]
        page = log_in(Bare(browser), f"{site.url}{login}", WHO, company["passwords"][WHO])
        page.goto(f"{site.url}{prefix}{case.reference}/")
        page.get_by_role("link", name="Show older").click()
        assert f"past={case.version - 49}" in page.url
        page.get_by_role("link", name="Back to the newest").click()
        page.get_by_role("link", name="System", exact=True).click()
        assert page.locator("#cm-log .cm-entry--note").count() == 0
        page.get_by_role("link", name="Expand all").click()
        assert page.locator("#cm-log details:not([open])").count() == 0
        edit_bare(page, case)
        resolve_bare(page, case)
        page.context.close()


def edit_bare(page, case):
    page.locator("#cm-panel-edit > summary").click()
    page.locator("#cm-panel-edit a").click()
    heading = page.locator("form[action*='/edit/'] input[name=heading]")
    was = heading.input_value()
    heading.fill("Something else")
    page.get_by_role("button", name="Clear").click()
    assert heading.input_value() == was
    heading.fill("The lift stood still")
    page.locator("form[action*='/edit/']").get_by_role("button", name="Save", exact=True).click()
    case.refresh_from_db()
    assert case.title == "The lift stood still"


def resolve_bare(page, case):
    page.locator("form[action*='/note/'] textarea").fill(NOTE)
    page.locator("form[action*='/note/']").get_by_role("button", name="Save and resolve").click()
    resolve = page.locator("form[action*='/resolve/']")
    assert resolve.locator("textarea").input_value() == NOTE
    resolve.locator("select[name=closure_reason]").select_option(index=1)
    resolve.get_by_role("button", name="Save and resolve").click()
    case.refresh_from_db()
    assert case.status == "resolved"
    page.goto(re.sub(r"[A-Z0-9-]{8}/[^/]*$", f"{case.reference}/", page.url))
    assert re.search(r"took \d+ ", page.locator(".cm-case-head").inner_text())
