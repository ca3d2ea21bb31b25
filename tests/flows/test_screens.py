"""Every screen of ours in both admins: no accessibility fault that axe can see, nothing against the content policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from case_management import models
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DOORS = {
    "wagtail": ("/admin/login/", "/admin/cases/"),
    "django": ("/django-admin/login/", "/django-admin/case_management/case/"),
}
PAGES = ("", "?status=open&q=room", "new/", "dashboard/", "alerts/", "exports/", "imports/")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def faults_on(page):
    """What axe says of our part of the page."""
    found = Axe().run(page, context=".cm", options=RULES)
    return [
        f"{page.url}: {violation['id']}: {node['html'][:120]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def test_no_screen_has_a_fault_that_axe_can_see_and_none_breaks_the_content_policy(site, company, browser):
    site.start()
    case = models.Case.objects.get(reference=company["escalated"])
    faults, refused = [], []
    for login, prefix in DOORS.values():
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for path in (*PAGES, f"{case.reference}/"):
                page.goto(f"{site.url}{prefix}{path}")
                faults += faults_on(page)
    assert (faults, refused) == ([], [])
    page.evaluate("document.querySelector('.cm').append(new Image())")
    assert faults_on(page), "axe would see a picture without a text"


def test_a_phone_shows_every_screen_without_scrolling_sideways(site, company, browser):
    site.start()
    for login, prefix in DOORS.values():
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        page.set_viewport_size({"width": 390, "height": 844})
        for path in (*PAGES, f"{company['escalated']}/"):
            page.goto(f"{site.url}{prefix}{path}")
            assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), page.url
