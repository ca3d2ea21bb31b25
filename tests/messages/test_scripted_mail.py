"""Scripted letters to customers whose names are what engines would run: read from the raw mail of a real server."""

from __future__ import annotations

from email import message_from_bytes, policy
from html import unescape

import pytest

from case_management import models
from case_management.bulk.sending import send_response
from case_management.testing import make_case
from tests.messages.conftest import CUSTOMER, deliver_now
from tests.wordsmith.payloads import PAYLOADS

pytestmark = pytest.mark.django_db
#: Names that would add headers or recipients, were they taken for more than words.
INJECTIONS = ["Cora\r\nBcc: evil@evil.example", "Cora\nX-Evil: 1", "Cora\r\n\r\nanother body", "=?utf-8?q?=0ABcc:_x?="]


@pytest.fixture
def response(desk):
    return models.ScriptedResponse.objects.create(
        key="named", name="Named", subject="For [[CUSTOMER NAME]], [[CASE REFERENCE]]",
        body="Dear [[CUSTOMER NAME]],\n\n[[CASE TITLE]]\n\n[[SIGNATURE]]", state="approved", approved_by=desk.agent,
    )  # fmt: skip


def written_to(name, desk, title="Coffee"):
    """The raw mail that a customer of this name gets."""
    contact = models.Contact.objects.create(name=name)
    contact.points.create(kind="email", value=CUSTOMER)
    case = make_case(title=title, unit=desk.unit, contact=contact)
    assert send_response(case.pk, "named", by=desk.by).message is not None
    return case


def bodies(raw):
    """Both bodies as text, the headers, and the parts' number."""
    mail = message_from_bytes(raw, policy=policy.default)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return mail, plain, unescape(html)


def test_what_engines_would_run_arrives_letter_by_letter(desk, response, sink):
    cases = [written_to(payload, desk, title=payload) for payload in PAYLOADS]
    while deliver_now():
        continue
    arrived = {bodies(sent.raw)[0]["Subject"].rpartition(", ")[2]: sent.raw for sent in sink.messages()}
    assert len(arrived) == len(cases)
    for case, payload in zip(cases, PAYLOADS, strict=True):
        mail, plain, html = bodies(arrived[case.reference])
        assert f"Dear {payload},\n\n{payload}\n\n" in plain.replace("\r\n", "\n")
        assert f"Dear {payload}," in html
        assert mail["Subject"] == f"For {payload}, {case.reference}"
        assert "<script" not in mail.get_body(("html",)).get_content()


def test_a_name_adds_no_header_no_recipient_and_no_body(desk, response, sink):
    for name in INJECTIONS:
        written_to(name, desk)
    while deliver_now():
        continue
    sent = sink.messages()
    assert len(sent) == len(INJECTIONS)
    for each in sent:
        mail, plain, _html = bodies(each.raw)
        assert each.recipients == [CUSTOMER]
        assert not {"bcc", "x-evil"} & {header.lower() for header in mail}
        assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
        assert "Dear " in plain
