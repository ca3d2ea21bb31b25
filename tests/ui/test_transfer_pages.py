"""Exports and imports as pages, in both admins: asked for, watched, fetched, checked, confirmed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from case_management.jobs.transfers import run_transfers
from case_management.models import Case, ExportJob, ImportBatch
from tests.ui.conftest import make_viewer

TABLE = (
    b"external_id,source,title,topic,unit_number,titel\n"
    b"1,Survey,Cold coffee,Seat,N,x\n"
    b"2,Survey,<script>alert(1)</script>,Seat,S,x\n"
)


@pytest.fixture(autouse=True)
def by_hand(settings):
    """Jobs run when a test says so."""
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "BACKGROUND": "manual"}


@pytest.fixture
def browser(company, case, signed_in):
    """Ann's browser: she exports and imports in North."""
    return signed_in(company.ann)


def text(response):
    return response.content.decode()


def upload(browser, door, content=TABLE, **fields):
    file = SimpleUploadedFile("cases.csv", content, "text/csv")
    return browser.post(door.url("imports"), {"file": file, "mapping": "", **fields})


def test_an_export_is_asked_for_watched_and_fetched(case_door, browser, case):
    page = browser.get(case_door.url("exports"), {"query": "status=open"})
    assert 'value="status=open"' in text(page)
    asked = browser.post(case_door.url("exports"), {"resource": "cases", "query": "?status=open", "format": "csv"})
    assert asked.url == case_door.url("exports")
    waiting = text(browser.get(asked.url))
    assert "Waiting for its turn" in waiting
    assert "data-watch" in waiting
    run_transfers(timezone.now())
    ready = text(browser.get(asked.url))
    assert "data-watch" not in ready
    link = re.search(r'href="([^"]+/download/\?key=[^"]+)"', ready)[1]
    fetched = browser.get(link)
    assert fetched.status_code == 200
    assert case.reference in b"".join(fetched.streaming_content).decode("utf-8-sig")
    assert re.fullmatch(r'attachment; filename="cases-[\d-]+-\d+\.csv"', fetched["Content-Disposition"])
    assert fetched["Cache-Control"].startswith("private, no-store")
    assert "sandbox" in fetched["Content-Security-Policy"]
    assert ExportJob.objects.get().downloads == 1


def test_the_link_alone_opens_nothing(case_door, browser, company, signed_in, client):
    browser.post(case_door.url("exports"), {"resource": "cases", "query": "", "format": "json"})
    run_transfers(timezone.now())
    link = re.search(r'href="([^"]+\?key=[^"]+)"', text(browser.get(case_door.url("exports"))))[1]
    assert signed_in(company.ben).get(link).status_code == 404
    stranger = client.get(link)
    assert stranger.status_code == 302
    assert parse_qs(urlsplit(stranger.url).query)["next"] == [link]
    without = browser.get(link.partition("?")[0])
    assert without.status_code == 403
    assert "This link is not valid" in text(without)
    assert browser.post(link).status_code == 405
    assert ExportJob.objects.get().downloads == 0


def test_a_filter_that_means_nothing_is_told_beside_its_field(case_door, browser):
    answer = browser.post(case_door.url("exports"), {"resource": "cases", "query": "colour=red", "format": "csv"})
    assert answer.status_code == 422
    assert "There is no filter" in text(answer)
    assert not ExportJob.objects.exists()


def test_a_file_is_checked_shown_and_taken_in(case_door, browser):
    page = upload(browser, case_door)
    batch = ImportBatch.objects.get()
    assert page.url == case_door.url("import", batch.pk)
    assert "Being checked" in text(browser.get(page.url))
    run_transfers(timezone.now())
    checked = text(browser.get(page.url))
    assert "Take 1 row in" in checked
    assert "1 refused row is left out" in checked
    assert "Did you mean “title”?" in checked
    assert "unit_number" in checked
    assert not Case.objects.filter(external_id="1").exists()
    assert browser.post(page.url).url == page.url
    run_transfers(timezone.now())
    assert "Taken in" in text(browser.get(page.url))
    assert Case.objects.get(external_id="1").title == "Cold coffee"
    assert "Taken in" in text(browser.get(case_door.url("imports")))
    again = browser.post(page.url, follow=True)
    assert "taken in already" in text(again)
    refused = browser.get(case_door.url("import_refused", batch.pk))
    assert refused["Content-Disposition"].startswith("attachment")
    assert "<script>alert(1)</script>" in refused.content.decode("utf-8-sig")


def test_what_the_file_holds_is_shown_as_text(case_door, browser):
    header = b"external_id,source,title,topic,status,<img src=x>\n"
    content = header + b"<b>1</b>,Survey,<script>alert(1)</script>,Seat,<i>Soup</i>,1\n"
    page = upload(browser, case_door, content)
    run_transfers(timezone.now())
    shown = text(browser.get(page.url))
    assert "&lt;i&gt;Soup&lt;/i&gt;" in shown
    assert "&lt;img src=x&gt;" in shown
    for raw in ("<img src=x>", "<script>alert", "<i>Soup"):
        assert raw not in shown


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"name,colour\nx,y\n", {}, "The file lacks: title, topic, source, external_id"),
        (b"\x00\x01\x02", {}, "file"),
        (b"PK\x03\x04 no workbook", {}, "workbook"),
        (TABLE, {"own_mapping": SimpleUploadedFile("m.toml", b"colour = 1")}, "unknown key “colour”"),
        (TABLE, {"own_mapping": SimpleUploadedFile("m.toml", b"\xff\xfe\x00")}, "UTF-8"),
        (TABLE, {"mapping": "../../etc/passwd"}, "Select a valid choice"),
    ],
)
def test_a_file_that_is_none_is_refused_on_the_spot(case_door, browser, content, fields, said):
    for upload_field in fields.values():
        if hasattr(upload_field, "seek"):
            upload_field.seek(0)
    answer = upload(browser, case_door, content, **fields)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not ImportBatch.objects.exists()


def test_a_file_to_be_taken_in_whole_with_a_bad_row_cannot_be_confirmed(case_door, browser):
    page = upload(browser, case_door, all_or_nothing="on")
    run_transfers(timezone.now())
    shown = text(browser.get(page.url))
    assert "every row must be right" in shown
    assert "Take 1 row in" not in shown


def test_pages_need_their_right_and_show_only_ones_own(case_door, browser, company, signed_in):
    upload(browser, case_door)
    batch = ImportBatch.objects.get()
    vera, ben = signed_in(company.vera), signed_in(company.ben)
    for page in ("exports", "imports"):
        assert vera.get(case_door.url(page)).status_code in (302, 403)
        assert vera.post(case_door.url(page)).status_code in (302, 403)
    for page in ("import", "import_refused"):
        assert ben.get(case_door.url(page, batch.pk)).status_code == 404
        assert vera.get(case_door.url(page, batch.pk)).status_code in (302, 403)
    assert ben.post(case_door.url("import", batch.pk)).status_code == 404
    assert "cases.csv" not in text(ben.get(case_door.url("imports")))


def test_somebody_with_the_right_for_exports_only_is_not_offered_imports(case_door, company, case, signed_in):
    browser = signed_in(make_viewer("exporter", company.north, "export_case"))
    page = browser.get(case_door.url("exports"))
    assert page.status_code == 200
    assert re.findall(r'<option value="(\w+)"', text(page))[:1] == ["cases"]
    assert browser.get(case_door.url("imports")).status_code in (302, 403)


@pytest.mark.parametrize("name", ["exports", "imports"])
def test_pages_hold_no_script_or_style_of_their_own(case_door, browser, name):
    upload(browser, case_door)
    browser.post(case_door.url("exports"), {"resource": "cases", "query": "", "format": "csv"})
    found = text(browser.get(case_door.url(name)))
    ours = found[found.index('class="cm cm-') :]
    ours = ours[: ours.index("</section>\n  </div>")]
    assert not re.search(r'<script(?![^>]*src=)|style="|\son\w+="', ours)
