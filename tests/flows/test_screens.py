"""Every screen of ours in both admins: no accessibility fault that axe can see, nothing against the content policy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.utils import timezone

from case_management import models, operations
from case_management.bulk.run import run_now
from case_management.bulk.selection import Selection
from case_management.bulk.start import start
from case_management.domain.actor import Actor
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DOORS = {
    "wagtail": ("/admin/login/", "/admin/cases/"),
    "django": ("/django-admin/login/", "/django-admin/case_management/case/"),
}
PAGES = (
    "",
    "?status=open&q=room",
    "new/",
    "contacts/",
    "contacts/?q=an",
    "dashboard/",
    f"forecast/?people=2&day={timezone.localdate() + timedelta(days=1)}",
    "alerts/",
    "exports/",
    "imports/",
)
#: The pages of wide changes: asking, previewing, and in two steps; the receipt comes with its number.
BULK_PAGES = (
    "changes/",
    "changes/new/?action=resolve&scope=all&query=status%3Dopen",
    "changes/new/?action=set_field&scope=all&query=status%3Dopen",
    "changes/new/?action=unflag&scope=all&query=status%3Dopen",
)
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def receipt() -> str:
    """A change that was made and partly refused: half of the cases have the flag already; before a worker makes it."""
    chief = get_user_model().objects.get(username="admin")
    cases = list(models.Case.objects.filter(status__in=("new", "in_progress", "waiting"), flagged=False)[:6])
    operations.flag_cases([case.pk for case in cases[:3]], by=Actor.from_user(chief))
    chosen = Selection(chief, references=tuple(case.reference for case in cases))
    change = start("flag", {}, chosen, expected=len(cases))
    run_now(change)
    assert (change.done, change.refused) == (3, 3)
    return f"changes/{change.pk}/"


#: A colour on its way from light to dark is nobody's fault.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() =>
  Promise.allSettled(document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished)))
"""


def faults_on(page):
    """What axe says of our part of the page, scrolled up: what is half out of sight on the way down is no fault."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)
    page.evaluate("for (const part of document.querySelectorAll(`:has(.cm), .cm *`)) part.scrollTop = 0")
    found = Axe().run(page, context=".cm", options=RULES)
    return [
        f"{page.url}: {violation['id']}: {node['html'][:120]}: {node['failureSummary'][:300]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def wait_until_made(page) -> None:
    """A wide change, or a trial, is made in the request unless a worker was faster; then the page looks again."""
    page.locator("#cm-watched:not([data-watch])").wait_for()


def test_no_screen_has_a_fault_that_axe_can_see_and_none_breaks_the_content_policy(site, company, browser):
    changed = receipt()
    site.start()
    case = models.Case.objects.get(reference=company["escalated"])
    own = [f"{case.reference}/{page}" for page in ("", "statement/", "why/", "why/?show=assignment", "why/?show=mail")]
    pages = (*PAGES, *BULK_PAGES, changed, *own)
    faults, refused = [], []
    for login, prefix in DOORS.values():
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for path in pages:
                page.goto(f"{site.url}{prefix}{path}")
                faults += faults_on(page)
    assert (faults, refused) == ([], [])
    page.evaluate("document.querySelector('.cm').append(new Image())")
    assert faults_on(page), "axe would see a picture without a text"


def test_a_phone_shows_every_screen_without_scrolling_sideways(site, company, browser):
    changed = receipt()
    site.start()
    own = [f"{company['escalated']}/{page}" for page in ("", "statement/", "why/", "why/?show=mail")]
    pages = (*PAGES, *BULK_PAGES, changed, *own)
    for login, prefix in DOORS.values():
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        page.set_viewport_size({"width": 390, "height": 844})
        for path in pages:
            page.goto(f"{site.url}{prefix}{path}")
            assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), page.url
