"""Customers in either admin: found, looked at, given a case, merged and parted; and the host's own page of one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from case_management import models
from case_management.testing import make_case
from tests.flows.test_in_the_admin import Visit
from tests.flows.test_screens import DOORS

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def a_pair(door):
    """A customer who is known twice, with a case and a score each."""
    name = f"Quentin {door.title()}"
    pair = [models.Contact.objects.create(name=name, external_id=f"{door}-{number}") for number in (1, 2)]
    for number, contact in enumerate(pair):
        models.ContactPoint.objects.create(contact=contact, kind="email", value=f"quentin.{door}@example.net")
        case = make_case(title=f"Lamp {number} of {door}", contact=contact, source=models.Source.objects.first())
        models.Interaction.objects.create(
            source=case.source, external_id=f"{door}-{number}", contact=contact, case=case, score=Decimal(2 + number),
            comment="The lamp went dark.", occurred_at=timezone.now() - timedelta(days=40 * number),
            available_at=timezone.now(), state="done",
        )  # fmt: skip
    return pair


def test_a_customer_is_found_looked_at_given_a_case_and_merged(site, company, browser):
    site.start()
    for door in DOORS:
        keep, gone = a_pair(door)
        visit = Visit(site, company, browser, door, "admin")
        a_contact_is_found(visit, keep)
        its_page_shows_cases_and_narrows_them(visit, door)
        a_case_is_added(visit, keep, door)
        its_name_is_corrected(visit, keep)
        two_become_one(visit, keep, gone)
        and_two_again(visit, keep, gone)
        assert visit.faults == []


def a_contact_is_found(visit, keep):
    visit.open("contacts/")
    visit.look()
    visit.page.fill("#cm-q", keep.points.get().value.upper())
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/contacts/?q=*")
    visit.look()
    assert visit.page.locator(".cm-people tbody tr").count() == 2
    visit.page.get_by_role("link", name=keep.name).first.click()
    visit.page.wait_for_url(f"**/contacts/{keep.pk}/")
    assert visit.page.locator("h1").inner_text().strip() == keep.name


def its_page_shows_cases_and_narrows_them(visit, door):
    visit.look()
    for width in (390, 1440):
        visit.page.set_viewport_size({"width": width, "height": 900})
        assert visit.page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), width
    assert f"Lamp 0 of {door}" in visit.page.locator("#cm-results").inner_text()
    assert "The lamp went dark." in visit.page.locator(".cm-contact__side").inner_text()
    assert visit.page.locator(".cm-chart svg").is_visible()
    visit.page.get_by_role("link", name="Resolved or closed").click()
    visit.page.wait_for_url("**status=done")
    visit.page.get_by_role("heading", name="No case fits").wait_for()
    visit.page.get_by_role("link", name="Open", exact=True).click()
    visit.page.wait_for_url("**status=open")
    visit.page.locator(".cm-case__link").first.click()
    visit.page.wait_for_url("**list=*")
    visit.page.get_by_role("link", name="All about this customer").click()
    visit.page.wait_for_url("**/contacts/*/")


def a_case_is_added(visit, keep, door):
    visit.page.get_by_role("link", name="Add case").click()
    visit.page.wait_for_url(f"**new/?contact={keep.pk}")
    assert visit.page.locator(f"input[name=contact][value='{keep.pk}']").is_checked()
    visit.page.locator("select[name=topic]").select_option(index=1)
    visit.page.locator("select[name=source]").select_option(index=1)
    visit.page.fill("input[name=title]", f"Added at {door}")
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Save", exact=True).click()
    assert models.Case.objects.get(title=f"Added at {door}").contact == keep


def its_name_is_corrected(visit, keep):
    visit.open(f"contacts/{keep.pk}/correct/")
    visit.look()
    visit.page.fill("textarea[name=phones]", "call me")
    visit.page.get_by_role("button", name="Save").click()
    visit.page.locator(".cm-errors").wait_for()
    visit.look()
    visit.page.fill("textarea[name=phones]", "+44 20 1234")
    visit.page.get_by_role("button", name="Save").click()
    visit.page.wait_for_url(f"**/contacts/{keep.pk}/")
    assert keep.points.filter(normalised="+44201234").exists()


def two_become_one(visit, keep, gone):
    visit.page.get_by_role("link", name="Merge with another contact").click()
    visit.page.wait_for_url("**/merge/")
    visit.look()
    visit.page.locator(f"a[href='?other={gone.pk}']").click()
    visit.page.wait_for_url(f"**other={gone.pk}")
    visit.look()
    assert gone.external_id in visit.page.locator(".cm-moves").inner_text()
    visit.page.get_by_role("button", name="Merge").click()
    visit.page.wait_for_url(f"**/contacts/{keep.pk}/")
    visit.look()
    assert keep.cases.count() == 3
    visit.open(f"contacts/{gone.pk}/")
    visit.page.wait_for_url(f"**/contacts/{keep.pk}/")


def and_two_again(visit, keep, gone):
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Undo the merge").click()
    assert (keep.cases.count(), gone.cases.count()) == (2, 1)
    assert visit.page.get_by_role("button", name="Undo the merge").count() == 0


def test_the_hosts_customer_page_leads_to_the_cases_and_back(site, company, browser):
    site.start()
    site.manage("link_guests")
    case = models.Case.objects.open().filter(contact__customer_id__gt="").first()
    visit = Visit(site, company, browser, "wagtail", "admin")
    visit.page.goto(f"{site.url}{case.contact.customer_url()}")
    visit.look(".cm-recent")
    visit.page.locator(".cm-recent").get_by_role("link", name=case.title).click()
    visit.page.wait_for_url(f"**/admin/cases/{case.reference}/")
    visit.open(f"contacts/{case.contact_id}/")
    visit.page.get_by_role("link", name="Open the customer's page").click()
    visit.page.wait_for_url("**/guests/*/")
    visit.page.get_by_role("link", name="Add case").click()
    visit.page.wait_for_url("**contact=*")
    assert visit.faults == []
