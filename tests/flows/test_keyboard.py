"""A case from the list to the next one without a mouse; what keys do, and that they can be off."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from case_management import models
from example_project.processes import wait_until
from tests.flows.test_screens import DOORS, faults_on
from tests.flows.test_together import DANA, Seat, person

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ENOUGH = 8


class Keyboard:
    """Presses keys and counts them; what is typed into a field is not counted."""

    def __init__(self, page) -> None:
        self.page, self.pressed = page, []

    def press(self, *keys: str) -> None:
        """Each key by its name."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed.append(key)

    def type(self, words: str) -> None:
        """Into whatever has the focus."""
        self.page.keyboard.type(words)

    def focused(self, selector: str):
        """What matches ``selector``, as soon as it has the focus."""
        found = self.page.locator(f"{selector}:focus")
        found.wait_for()
        return found


def reference_of(page) -> str:
    """The case whose page is open."""
    return urlsplit(page.url).path.rstrip("/").rpartition("/")[2]


def at_case(page, reference: str) -> None:
    page.wait_for_url(f"**/{reference}/**")
    page.locator("[data-cm-keys=on] #cm-composer").wait_for()
    # The address of a macro's page below the case fits too, and a key that comes before the deferred script is lost.
    page.wait_for_load_state()


@pytest.fixture
def seat(site, company, browser, request):
    """Dana before the list of a company that asks for a reason and a note, and for nothing else."""
    models.CaseType.objects.update(requires_resolution_method=False, requires_close_channel=False)
    for case_type in models.CaseType.objects.all():
        case_type.required_tag_categories.clear()
    site.start()
    seat = Seat(site, company, browser, request.param, DANA)
    seat.page.goto(seat.site.url + seat.prefix)
    return seat


@pytest.mark.parametrize("seat", DOORS, indirect=True)
def test_a_case_is_answered_and_resolved_with_eight_keys(seat):
    first = references(seat.page)[0]
    keys = Keyboard(seat.page)
    the_most_urgent_is_opened(keys, first)
    a_response_is_picked_and_sent(keys, first)
    it_is_resolved_and_the_next_one_comes(keys, first)
    assert len(keys.pressed) <= ENOUGH, keys.pressed
    assert seat.refused == []
    the_help_lists_the_keys(keys)
    a_digit_runs_a_macro(keys)
    one_that_others_hear_of_is_looked_at_first(keys)
    the_palette_jumps(keys, first)
    switched_off_keys_are_silent(seat)
    assert seat.refused == []


def references(page) -> list[str]:
    """The list from the top."""
    return page.locator(".cm-case .cm-reference").all_inner_texts()


def the_most_urgent_is_opened(keys, first):
    keys.press("j")
    assert f"/{first}/" in keys.focused(".cm-case__link").get_attribute("href")
    keys.press("o")
    at_case(keys.page, first)


def a_response_is_picked_and_sent(keys, reference):
    keys.press("r")
    field = keys.focused("#cm-form-reply [role=combobox]")
    keys.type("looking into")
    keys.page.locator("#cm-form-reply [role=option][aria-selected=true]", has_text="We are looking into it").wait_for()
    assert field.input_value() == "looking into"
    keys.press("Enter")
    keys.focused("#cm-form-reply textarea[data-cm-prompt='BY WHEN']")
    keys.type("Friday")
    keys.press("Control+Enter")
    written = models.Message.objects.filter(case__reference=reference, text__contains="again by Friday")
    wait_until(written.exists, seconds=20, what="the reply")
    assert written.get().response.name == "We are looking into it"
    keys.page.get_by_text("Reply written").first.wait_for()


def the_one_that_comes_next(page) -> str:
    """What the page says; nothing where the answered case went to the end of the list."""
    link = page.locator("a[rel=next]")
    return urlsplit(link.get_attribute("href")).path.rstrip("/").rpartition("/")[2] if link.count() else ""


def it_is_resolved_and_the_next_one_comes(keys, first):
    at_case(keys.page, first)
    following = the_one_that_comes_next(keys.page)
    keys.press("e")
    keys.focused("#cm-form-resolve select[name=closure_reason]")
    keys.type("Explained")
    expect(keys.page.locator("#cm-form-resolve select[name=closure_reason] option:checked")).to_have_text("Explained")
    keys.press("Tab")
    keys.focused("#cm-form-resolve textarea[name=note]")
    keys.type("Explained what happened.")
    keys.press("Control+Enter")
    keys.page.wait_for_url(lambda address: f"/{first}/" not in address)
    at_case(keys.page, following or reference_of(keys.page))
    case = models.Case.objects.get(reference=first)
    assert (case.status, case.closure_reason.name) == ("resolved", "Explained")


def the_help_lists_the_keys(keys):
    keys.press("?")
    dialog = keys.page.locator("dialog#cm-keys[open]")
    dialog.wait_for()
    told = dialog.inner_text()
    for words in ("Write a note", "Resolve", "Next unassigned case", "Macros, in their order"):
        assert words in told
    assert "Filters" not in told, "the list has keys of its own"
    assert faults_on(keys.page) == []
    before = reference_of(keys.page)
    keys.press("e", "j", "Escape")
    dialog.wait_for(state="detached")
    assert reference_of(keys.page) == before
    assert keys.page.locator("#cm-panel-resolve[open]").count() == 0, "a dialog keeps keys to itself"


def the_palette_jumps(keys, reference):
    keys.press("Control+k")
    keys.focused("#cm-palette-q")
    keys.type(reference.lower())
    chosen = keys.page.locator("#cm-palette-list [role=option][aria-selected=true]", has_text=reference)
    chosen.wait_for()
    assert faults_on(keys.page) == []
    keys.press("Enter")
    at_case(keys.page, reference)


def a_digit_runs_a_macro(keys):
    reference = reference_of(keys.page)
    keys.press("1")
    keys.page.wait_for_url(f"**/{reference}/?*do=reply*")
    form = keys.page.locator("#cm-form-reply")
    assert "Thank you for your message" in form.locator("[name=text]").input_value()
    assert form.locator("textarea[data-cm-prompt='BY WHEN']").is_visible()
    assert models.Case.objects.get(reference=reference).assignee == person(DANA)


def one_that_others_hear_of_is_looked_at_first(keys):
    reference = reference_of(keys.page)
    case = models.Case.objects.get(reference=reference)
    keys.press("3")
    keys.page.wait_for_url(f"**/{reference}/macros/**")
    keys.focused(".cm-content button[type=submit], main button[type=submit]")
    assert "Called the guest and explained what happened." in keys.page.locator(".cm-steps").inner_text()
    assert faults_on(keys.page) == []
    case.refresh_from_db()
    assert case.is_open, "looking changes nothing"
    keys.press("Enter")
    at_case(keys.page, reference)
    case.refresh_from_db()
    assert case.status == "resolved"


def switched_off_keys_are_silent(seat):
    models.Preferences.objects.update_or_create(user=person(DANA), defaults={"uses_shortcuts": False})
    page = seat.page
    address = page.url.partition("?")[0]
    page.goto(address)
    page.locator("[data-cm-keys=off] #cm-composer").wait_for()
    for key in ("e", "n", "1", "Control+k"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert page.url == address
    assert page.locator("#cm-panel-resolve[open]").count() == 0
    assert page.locator("dialog.cm-dialog[open]").count() == 0
    jump = page.get_by_role("button", name="Jump to")
    jump.focus()
    page.keyboard.press("Enter")
    page.locator("#cm-palette-q:focus").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog.cm-dialog[open]").wait_for(state="detached")
    assert jump.evaluate("one => one === document.activeElement"), "a dialog gives the focus back"
