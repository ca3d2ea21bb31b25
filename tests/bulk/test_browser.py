"""Somebody ticks three rows, resolves them, reads the receipt and takes it back, in both admins."""

from __future__ import annotations

import pytest

from case_management import models
from tests.flows.conftest import browser, company, site  # noqa: F401 - fixtures
from tests.flows.test_screens import DOORS, faults_on, wait_until_made
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_three_rows_are_resolved_and_taken_back_in_both_admins(site, company, browser):  # noqa: F811
    site.start()
    models.CaseType.objects.update(requires_resolution_method=False, requires_close_channel=False)
    models.TagCategory.required_for.through.objects.all().delete()
    for login, prefix in DOORS.values():
        page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        page.goto(f"{site.url}{prefix}?status=open")
        boxes = page.locator("input[name=case][form=cm-bulk]")
        chosen = [boxes.nth(place).get_attribute("value") for place in range(3)]
        before = dict(models.Case.objects.filter(reference__in=chosen).values_list("reference", "status"))
        for place in range(3):
            boxes.nth(place).check()
        page.select_option("#cm-bulk-action", "resolve")
        page.locator("#cm-bulk button").click()
        page.select_option("#cm-bulk-closure_reason", index=1)
        page.fill("#cm-bulk-note", "Rooms were cleaned again, voucher sent.")
        page.locator("button[name=preview]").click()
        faults = faults_on(page)
        page.locator("button[name=confirm]").click()
        page.wait_for_url("**/changes/*/")
        wait_until_made(page)
        assert models.Case.objects.filter(reference__in=chosen, status="resolved").count() == 3
        assert all(page.get_by_text(reference).count() for reference in chosen)
        faults += faults_on(page)
        receipt = page.url
        page.locator("form[data-cm-once] button").click()
        page.wait_for_url(lambda url, receipt=receipt: url != receipt)
        wait_until_made(page)
        assert dict(models.Case.objects.filter(reference__in=chosen).values_list("reference", "status")) == before
        assert faults == []
