"""A text that is sent after the session ended waits for its writer, who is known by a sign in the form, as a draft."""

from __future__ import annotations

import re

import pytest
from django.core import signing
from django.test import Client

from case_management import models
from case_management.testing import make_case
from case_management.ui.forms.writer import writer_of, writer_sign

pytestmark = pytest.mark.django_db
TEXT = "Called twice; the guest <b>wants</b> a refund."


@pytest.fixture
def form(case_door, case, company, signed_in):
    """What the note's form holds that was made for Ann, whose session ends then."""
    browser = signed_in(company.ann)
    page = browser.get(case_door.url("case", case.reference)).content.decode()
    browser.logout()
    sign = re.search(r'name="writer" value="([^"]+)"', page)[1]
    return browser, {"version": case.version, "form": "note", "writer": sign, "text": TEXT, "subject": ""}


def send(case_door, browser, case, sent, verb="note"):
    return browser.post(case_door.url("case_act", case.reference, verb), sent)


def test_it_comes_back_in_its_form_after_signing_in_again(case_door, case, company, form):
    browser, sent = form
    answer = send(case_door, browser, case, sent)
    assert (answer.status_code, "login" in answer.url) == (302, True)
    draft = models.Draft.objects.get()
    assert (draft.user, draft.case, draft.form, draft.content["text"]) == (company.ann, case, "note", [TEXT])
    assert not {"writer", "csrfmiddlewaretoken"} & draft.content.keys()
    browser.force_login(company.ann)
    page = browser.get(case_door.url("case_act", case.reference, "note"), follow=True)
    assert page.redirect_chain[-1][0].endswith("?do=note")
    assert "Called twice; the guest &lt;b&gt;wants&lt;/b&gt; a refund." in page.content.decode()
    assert "Restored: what you typed here and did not send." in page.content.decode()
    assert models.CaseEvent.objects.filter(note__isnull=False).count() == 0


def test_nobody_else_gets_it(case_door, case, company, form):
    browser, sent = form
    send(case_door, browser, case, sent)
    browser.force_login(company.ben)
    assert "Called twice" not in browser.get(case_door.url("case", case.reference)).content.decode()


def test_without_a_true_sign_nothing_is_kept(case_door, case, company, form):
    browser, sent = form
    other = make_case(title="Other", topic=company.seat, priority=company.normal, unit=company.harbour)
    foreign = make_case(title="South", topic=company.seat, priority=company.normal, unit=company.south)
    for sign in ("", "nonsense", sent["writer"][:-1] + "x", writer_sign(company.ann, other)):
        assert send(case_door, browser, case, {**sent, "writer": sign}).status_code == 302
    send(case_door, browser, foreign, {**sent, "writer": writer_sign(company.ann, foreign)})
    send(case_door, browser, case, sent, verb="nothing")
    send(case_door, browser, case, {**sent, "text": "x" * 70_000})
    company.ann.is_active = False
    company.ann.save()
    send(case_door, browser, case, sent)
    assert not models.Draft.objects.exists()


def test_a_sign_ends_with_the_password_and_after_a_week(case, company, monkeypatch):
    sign = writer_sign(company.ann, case)
    assert writer_of(sign, case.reference) == company.ann
    company.ann.set_password("another one")
    company.ann.save()
    assert writer_of(sign, case.reference) is None
    later = writer_sign(company.ann, case)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 8 * 86400)
    assert writer_of(later, case.reference) is None


def test_a_forged_request_is_refused_before_anything_is_kept(case_door, case, form):
    _browser, sent = form
    stranger = Client(enforce_csrf_checks=True)
    assert send(case_door, stranger, case, sent).status_code == 403
    assert not models.Draft.objects.exists()


def test_who_is_signed_in_simply_writes(case_door, case, company, form):
    browser, sent = form
    browser.force_login(company.ann)
    for _click in range(2):
        assert send(case_door, browser, case, sent).status_code == 302
    assert case.notes.count() == 1
    assert not models.Draft.objects.exists()
