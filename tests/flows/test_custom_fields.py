"""A custom field from its making to the export, in both admins, while the site runs and is not started anew."""

from __future__ import annotations

import csv
import io
import re

import pytest

from case_management import models
from case_management.jobs.custom_indexes import index_name
from example_project.processes import wait_until
from tests.flows.test_screens import faults_on
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DOORS = {
    "wagtail": ("/admin/login/", "/admin/cases/", "/admin/case-setup/customfield/new/"),
    "django": (
        "/django-admin/login/",
        "/django-admin/case_management/case/",
        "/django-admin/case_management/customfield/add/",
    ),
}


def built():
    from django.db import connection

    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "case_management_case"))


@pytest.mark.parametrize("door", DOORS)
def test_a_field_is_made_filled_in_listed_filtered_and_exported_without_a_restart(site, company, browser, door):
    login, cases, _add = DOORS[door]
    site.start()
    agent = log_in(browser, f"{site.url}{login}", "casey.agent", company["passwords"]["casey.agent"])
    agent.goto(f"{site.url}{cases}new/")
    assert agent.get_by_label("Baggage").count() == 0

    field = an_administrator_makes_a_field(site, company, browser, door)
    case = the_agent_fills_it_in(site, agent, cases)
    assert case.custom == {"baggage": "lost"}

    the_list_shows_and_filters_it(site, agent, cases, case)
    wait_until(lambda: index_name(field) in built(), seconds=60, what="the index")
    the_export_has_it(site, company, browser, door, case)


def an_administrator_makes_a_field(site, company, browser, door):
    login, _cases, add = DOORS[door]
    page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
    page.goto(f"{site.url}{add}")
    page.fill("[name=name]", "Baggage")
    page.select_option("[name=kind]", "choice")
    page.fill("[name=options]", "lost: Lost\nlate: Delayed")
    page.check("[name=is_filterable]")
    page.check("[name=in_list]")
    page.locator("[name=is_filterable]").press("Enter")
    page.wait_for_load_state()
    made = models.CustomField.objects.filter(key="baggage")
    wait_until(made.exists, seconds=20, what="the field")
    return made.get()


def the_agent_fills_it_in(site, page, cases):
    page.goto(f"{site.url}{cases}new/")
    page.fill("[name=title]", "The suitcase did not arrive")
    page.locator("[name=topic]").select_option(index=1)
    if page.locator("[name=unit]").input_value() == "":
        page.locator("[name=unit]").select_option(index=1)
    if page.locator("[name=source]").input_value() == "":
        page.locator("[name=source]").select_option(index=1)
    page.get_by_label("Baggage").select_option(label="Lost")
    assert faults_on(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    assert re.search(r"Baggage</bdi></dt><dd><bdi>Lost", page.content()), page.content()[:3000]
    return models.Case.objects.get(title="The suitcase did not arrive")


def the_list_shows_and_filters_it(site, page, cases, case):
    page.goto(f"{site.url}{cases}?custom_baggage=lost&panel=open")
    line = page.locator(".cm-case", has_text="The suitcase did not arrive")
    assert "Baggage: Lost" in " ".join(line.inner_text().split())
    assert page.locator(".cm-case__link").count() == 1
    assert faults_on(page) == []
    page.goto(f"{site.url}{cases}?custom_baggage=late")
    assert "No case fits" in page.content()
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("?custom_baggage=lost&panel=open", "new/", f"{case.reference}/"):
        page.goto(f"{site.url}{cases}{path}")
        assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), page.url


def the_export_has_it(site, company, browser, door, case):
    login, cases, _add = DOORS[door]
    page = log_in(browser, f"{site.url}{login}", "morgan.manager", company["passwords"]["morgan.manager"])
    page.goto(f"{site.url}{cases}exports/")
    page.locator("[name$=query]").fill("custom_baggage=lost")
    page.get_by_role("button", name="Export").click()
    wait_until(models.ExportJob.objects.filter(state="done").exists, seconds=60, what="the export")
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [(row["reference"], row["custom.baggage"]) for row in rows] == [(case.reference, "Lost")]
