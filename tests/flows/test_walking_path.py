"""The main job from end to end, as processes: answers in, cases, letters, an agent and a manager in a browser."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.management import call_command

from case_management import models
from example_project.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.data, pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SURVEY = {"source__key": "skytrax-seat"}


def log_in(browser, url, user, password):
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(url)
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.locator("button[type=submit], input[type=submit]").first.click()
    page.wait_for_load_state()
    return page


def test_a_survey_answer_becomes_a_case_that_is_worked_resolved_and_exported(
    site, company, browser, smtp_sink, shared_data
):
    site.start()
    answers_become_cases(site, shared_data)
    letters_go_out(site, smtp_sink)
    case = an_agent_resolves_a_case(site, company, browser)
    a_manager_sees_and_exports_it(site, company, browser, smtp_sink, case)
    wait_until(lambda: models.ReactionReceipt.objects.filter(state="pending").count() == 0, seconds=60, what="idle")
    site.manage("case_check", "--json", "--full")
    site.manage("verify_timeline")


def answers_become_cases(site, shared_data):
    seat = str(shared_data / "skytrax_seat" / "seat.csv")
    assert "1,258 new" in site.manage("import_responses", seat, "--mapping", "skytrax_seat")
    opened = models.Case.objects.filter(**SURVEY)
    wait_until(lambda: opened.filter(assignee__isnull=False).count() == 695, seconds=180, what="695 assigned cases")
    assert opened.count() == 695
    assert models.Alert.objects.filter(interaction__source__key=SURVEY["source__key"]).count() == 151
    assert "0 new" in site.manage("import_responses", seat, "--mapping", "skytrax_seat")


def letters_go_out(site, smtp_sink):
    due = models.Notification.objects.filter(kind="assigned", case__in=models.Case.objects.filter(**SURVEY))
    wait_until(lambda: due.filter(state="done").count() == 695, seconds=180, what="695 letters")
    mine = [mail for mail in smtp_sink.messages() if "assigned to you" in str(mail.content["Subject"])]
    assert len(mine) == 695
    assert len({str(mail.content["Message-ID"]) for mail in mine}) == 695
    letter = mine[0].content
    reference = re.search(r"\[([A-Z0-9-]{8})\]", str(letter["Subject"]))[1]
    for part in ("plain", "html"):
        assert f"{site.url}/admin/cases/{reference}/" in letter.get_body((part,)).get_content()


def an_agent_resolves_a_case(site, company, browser):
    page = log_in(browser, f"{site.url}/admin/login/", "casey.agent", company["passwords"]["casey.agent"])
    page.goto(f"{site.url}/admin/cases/?source=skytrax-seat&assignee=me&status=new")
    assert page.get_by_role("heading", name="Cases").first.is_visible()
    address = page.locator("a[href*='/admin/cases/']").filter(has_text="customer review").first.get_attribute("href")
    page.goto(f"{site.url}{address}")
    page.locator("form[action*='/note/'] textarea").fill("Called the customer and listened.")
    with page.expect_navigation():
        page.locator("form[action*='/note/']").get_by_role("button", name="Save", exact=True).click()
    resolve = page.locator("form[action*='/resolve/']")
    page.locator("summary").filter(has_text=re.compile("^\\s*Resolve")).first.click()
    resolve.locator("select[name$=closure_reason]").select_option(label="Problem solved")
    resolve.locator("select[name$=method]").select_option(label="Apology")
    resolve.locator("textarea").fill("Apologised on the phone; the customer was content.")
    resolve.get_by_label("Staffing").check()
    with page.expect_navigation():
        resolve.locator("button").click()
    case = models.Case.objects.get(reference=re.search(r"/admin/cases/([^/?]+)/", address)[1])
    assert case.status == "resolved", page.content()[:5000]
    assert case.closure_reason.name == "Problem solved"
    assert [event.type for event in case.events.order_by("seq")][-4:-2] == ["started", "note_added"]
    return case


def a_manager_sees_and_exports_it(site, company, browser, smtp_sink, case):
    password = company["passwords"]["morgan.manager"]
    page = log_in(browser, f"{site.url}/django-admin/login/", "morgan.manager", password)
    page.goto(f"{site.url}/django-admin/case_management/case/dashboard/")
    assert "Resolved" in page.content()
    page.goto(f"{site.url}/django-admin/case_management/case/{case.reference}/")
    assert "Apologised on the phone" in page.content()
    page.goto(f"{site.url}/django-admin/case_management/case/exports/")
    page.locator("[name$=query]").fill("source=skytrax-seat&status=resolved")
    page.get_by_role("button", name="Export").click()
    ready = models.ExportJob.objects.filter(state="done")
    wait_until(ready.exists, seconds=60, what="the export")
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [row["reference"] for row in rows] == [case.reference]
    wait_until(lambda: told_of_export(smtp_sink), seconds=60, what="the letter about the export")


def told_of_export(smtp_sink):
    mails = [mail for mail in smtp_sink.messages() if mail.recipients == ["morgan.manager@example.org"]]
    return any("export" in mail.content.get_body(("plain",)).get_content() for mail in mails)


def test_the_demo_company_is_what_it_says(site, company):
    assert models.Case.objects.count() == 400
    assert set(company["roles"]) >= {"System administrator", "Case manager", "Customer service agent", "Field manager"}
    assert models.Case.objects.filter(reference__in=company["cases"]).count() == len(company["cases"])
    call_command("verify_timeline", verbosity=0)
