"""In a browser and in both admins: link, merge with a preview, take it back, split, and call on a colleague by mail."""

from __future__ import annotations

import pytest

from case_management import models
from example_project.processes import wait_until
from tests.flows.test_screens import DOORS, faults_on
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]
NOTE = "Row two is another matter altogether."


def follow(page, button):
    """Press it and wait for the page that comes."""
    with page.expect_navigation():
        button.click()


def send(page, verb, **fields):
    """Open the panel of a form, fill it in and send it."""
    form = page.locator(f"form[action*='/{verb}/']").first
    panel = page.locator(f"#cm-panel-{verb}")
    if panel.count() and panel.get_attribute("open") is None:
        panel.locator("summary").first.click()
    for name, value in fields.items():
        field = form.locator(f"[name={name}]").first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    follow(page, form.locator("button[type=submit]").first)


def two_cases(done):
    """Two open cases that no earlier walk has used."""
    cases = models.Case.objects.filter(status__in=("new", "in_progress"), unit__isnull=False).exclude(pk__in=done)
    return list(cases.order_by("pk")[:2])


def test_cases_are_linked_merged_parted_and_split_in_a_browser(site, company, browser, smtp_sink):
    site.start()
    done, faults = [], []
    for login, prefix in DOORS.values():
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        one, other = two_cases(done)
        done += [one.pk, other.pk]
        page.goto(f"{site.url}{prefix}{one.reference}/")
        send(page, "link", relation="child_of", to=other.reference)
        assert page.locator("#cm-links").get_by_text("child of", exact=True).is_visible()
        assert page.locator("#cm-links a").first.get_attribute("href").endswith(f"/{other.reference}/")
        faults += faults_on(page)
        send(page, "merge", into=other.reference)
        assert page.locator("#cm-merge-preview").is_visible()
        assert models.Case.objects.get(pk=one.pk).is_open
        faults += faults_on(page)
        follow(page, page.get_by_role("button", name="Merge now"))
        assert models.Case.objects.get(pk=one.pk).merged_into_id == other.pk
        follow(page, page.locator(".cm-case-went a"))
        assert page.locator(".cm-entry--merged, .cm-case-merged").first.is_visible()
        faults += faults_on(page)
        page.goto(f"{site.url}{prefix}{one.reference}/")
        send(page, "unmerge")
        assert models.Case.objects.get(pk=one.pk).is_open
        split(page, f"{site.url}{prefix}{one.reference}/", faults)
    assert faults == []


def split(page, address, faults):
    """A note moves to a case of its own."""
    page.goto(address)
    send(page, "note", text=NOTE)
    page.goto(f"{address}?do=split")
    form = page.locator("form[action*='/split/']")
    form.get_by_label(NOTE).first.check()
    form.locator("[name=new_title]").fill("Row two")
    faults += faults_on(page)
    follow(page, form.locator("button[type=submit]").first)
    fresh = models.Case.objects.filter(title="Row two").latest("pk")
    assert page.get_by_text(f"the part goes on in {fresh.reference}").is_visible()
    assert [note.text for note in fresh.notes.all()] == [NOTE]


def test_who_is_called_on_is_suggested_by_keyboard_and_gets_the_letter_alone(site, company, browser, smtp_sink):
    site.start()
    case = two_cases([])[0]
    for login, prefix in DOORS.values():
        smtp_sink.clear()
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        page.goto(f"{site.url}{prefix}{case.reference}/")
        field = page.locator("form[action*='/note/'] textarea").first
        field.press_sequentially("Please have a look, @morg")
        option = page.locator("[role=listbox] [role=option]").first
        option.wait_for()
        assert "@morgan.manager" in option.inner_text()
        assert field.get_attribute("aria-expanded") == "true"
        assert faults_on(page) == []
        field.press("Enter")
        assert field.input_value() == "Please have a look, @morgan.manager "
        follow(page, page.locator("form[action*='/note/'] button[type=submit]").first)
        wait_until(lambda: called(smtp_sink), seconds=60, what="the letter")
        assert {tuple(mail.recipients) for mail in called(smtp_sink)} == {("morgan.manager@example.org",)}
    assert "Watchers" in page.content()
    assert models.CaseWatcher.objects.get(case=case).user.username == "morgan.manager"


def called(smtp_sink):
    """Letters to those who are called on."""
    return [mail for mail in smtp_sink.messages() if "calls on you" in str(mail.content["Subject"])]
