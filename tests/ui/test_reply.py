"""The Reply form over HTTP, in both admins: what it proposes, keeps, shows, sends and takes back; and its files."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import InboundMail, Thread, receive_message, record_failed
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db
CUSTOMER = "cora@customer.example"


@pytest.fixture
def case(company: SimpleNamespace) -> models.Case:
    """A case of a customer who has written once."""
    contact = models.Contact.objects.create(name="Cora Miles")
    contact.points.create(kind="email", value=CUSTOMER)
    case = make_case(title="Seat", topic=company.seat, priority=company.normal, unit=company.harbour, contact=contact)
    mail = InboundMail(
        sender=f"Cora <{CUSTOMER}>", to=("a@example.org",), message_id="<1@customer.example>", sent_at=timezone.now(),
        subject="My seat", text="It <b>broke</b>.",
    )  # fmt: skip
    receive_message(Thread(case), mail=mail, by=Actor.system("intake"))
    return case


@pytest.fixture
def send(case_door: Any, company: SimpleNamespace, case: models.Case, signed_in: Any) -> Any:
    """Send the form as Ann, or as ``by``."""

    def post(slug: str = "reply", *, by: Any = None, **data: Any) -> Any:
        case.refresh_from_db()
        filled = {"to": CUSTOMER, "subject": "Re: My seat", "text": "We are sorry.", "once": "k1"}
        sent = {"version": case.version, **(filled if slug == "reply" else {}), **data}
        return signed_in(by or company.ann).post(case_door.url("case_act", case.reference, slug), sent)

    return post


def page(case_door: Any, company: SimpleNamespace, case: Any, signed_in: Any) -> str:
    return signed_in(company.ann).get(case_door.url("case", case.reference)).content.decode()


def test_the_form_is_addressed_to_whom_the_customer_wrote_from(case_door, company, case, signed_in):
    shown = page(case_door, company, case, signed_in)
    assert f'value="{CUSTOMER}"' in shown
    assert 'value="Re: My seat"' in shown
    assert "It &lt;b&gt;broke&lt;/b&gt;." in shown, "the customer's words stand on the timeline, as text"


def test_a_reply_is_queued_told_and_can_be_undone(case_door, company, case, signed_in, send):
    assert send(cc="fred@friend.example", text="We are sorry, Cora.").status_code == 302
    message = models.Message.objects.get(direction="out")
    assert (message.recipients, message.cc, message.author) == ([CUSTOMER], ["fred@friend.example"], company.ann)
    shown = page(case_door, company, case, signed_in)
    assert "Reply written" in shown
    assert "We are sorry, Cora." in shown
    assert shown.count(">Undo</button>") == 1
    stopped = send("cancel-message", message=message.pk)
    assert (stopped.status_code, stopped.url.endswith("?do=reply")) == (302, True), "what was written stands open again"
    assert models.Delivery.objects.get().state == "cancelled"
    shown = page(case_door, company, case, signed_in)
    assert "Stopped before it left" in shown
    assert "We are sorry, Cora.</textarea>" in shown, "what was written stands in the form again"


def test_the_same_form_sent_twice_is_one_message_also_with_a_file(case, send):
    for _again in range(2):
        send(uploads=SimpleUploadedFile("a.txt", b"hello"), version=3)
    assert models.Message.objects.filter(direction="out").count() == 1


def test_a_preview_sends_nothing_and_keeps_the_file(case, send):
    answer = send(button="preview", text="Look <i>here</i>.", uploads=SimpleUploadedFile("plan.pdf", b"%PDF"))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Look &lt;i&gt;here&lt;/i&gt;." in shown
    assert models.Delivery.objects.count() == 0
    kept = models.Attachment.objects.get()
    assert (kept.message, kept.name, kept.content_type) == (None, "plan.pdf", "application/pdf")
    send(kept=kept.pk)
    kept.refresh_from_db()
    assert kept.message == models.Message.objects.get(direction="out")


def test_a_refused_form_keeps_what_was_typed_and_the_file(case, send):
    answer = send(to="nobody", text="Kept words", uploads=SimpleUploadedFile("plan.pdf", b"%PDF"))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "is not an e-mail address" in shown
    assert "Kept words</textarea>" in shown
    assert "plan.pdf" in shown


def test_a_file_of_somebody_else_or_of_another_case_does_not_go_along(case, company, send):
    other = make_case(title="Other", topic=company.seat, unit=company.harbour)
    for where, who in ((case, company.ben), (other, company.ann)):
        foreign = models.Attachment.objects.create(case=where, uploaded_by=who, name="x", size=1, sha256="0" * 64)
        assert send(kept=foreign.pk).status_code == 422
    assert models.Delivery.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_by_name(case, send, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "ATTACHMENT_MB": 1}
    answer = send(uploads=SimpleUploadedFile("film.mp4", b"0" * (1024 * 1024 + 1)))
    assert answer.status_code == 422
    assert "film.mp4" in answer.content.decode()
    assert models.Attachment.objects.count() == 0


def test_signatures_own_of_the_unit_and_custom(case, company, send):
    models.Preferences.objects.create(user=company.ann, signature="Ann at the harbour")
    unit = models.Signature.objects.create(name="North", text="The North team", unit=company.north)
    models.Signature.objects.create(name="South", text="The South team", unit=company.south)
    for number, (chosen, ending) in enumerate({"own": "Ann at the harbour", str(unit.pk): "The North team"}.items()):
        send(signature=chosen, once=f"s{number}")
        assert models.Message.objects.latest("pk").text == f"We are sorry.\n\n{ending}"
    send(signature="custom", own_words="Yours, A.", once="s9")
    assert models.Message.objects.latest("pk").text.endswith("\n\nYours, A.")
    south = models.Signature.objects.get(name="South")
    assert send(signature=south.pk, once="s10").status_code == 422


def test_send_and_resolve_asks_what_resolving_asks(case, company, send):
    answer = send(button="resolve")
    assert answer.status_code == 422
    assert "The case cannot be resolved yet" in answer.content.decode()
    assert models.Delivery.objects.count() == 0
    resolving = {"resolve-closure_reason": company.solved.pk, "resolve-note": "Sent a voucher."}
    assert send(button="resolve", **resolving).status_code == 302
    case.refresh_from_db()
    assert case.status == "resolved"
    send("cancel-message", message=models.Message.objects.get(direction="out").pk)
    case.refresh_from_db()
    assert case.status == "in_progress"


def test_send_later_waits_and_shows_when(case_door, company, case, signed_in, send):
    later = timezone.now() + timedelta(days=2)
    send(send_at=later.strftime("%Y-%m-%dT%H:%M"), cancels_on_answer="on")
    row = models.Delivery.objects.get()
    assert row.cancels_on_answer
    assert abs((row.available_at - later).total_seconds()) < 60
    shown = page(case_door, company, case, signed_in)
    assert ">Undo</button>" not in shown
    assert ">Stop</button>" in shown


def test_a_failure_is_told_with_its_reason_and_sent_again(case_door, company, case, signed_in, send):
    send()
    row = models.Delivery.objects.get()
    record_failed(row, "550 No such <mailbox>", by=Actor.system("mail"))
    shown = page(case_door, company, case, signed_in)
    assert "Not delivered" in shown
    assert "550 No such &lt;mailbox&gt;" in shown
    assert send("send-again", message=row.message.pk).status_code == 302
    row.refresh_from_db()
    assert row.state == "pending"


def test_who_may_only_look_has_no_form_and_is_refused(case, company, send):
    answer = send(by=company.vera)
    assert answer.status_code == 403
    assert models.Delivery.objects.count() == 0
    assert models.Attachment.objects.count() == 0


def test_a_message_of_another_case_is_not_stopped_here(case, company, send):
    send()
    other = make_case(title="Other", topic=company.seat, unit=company.south)
    foreign = models.Message.objects.create(case=other, direction="out", sender="a", sent_at=timezone.now())
    models.Delivery.objects.create(message=foreign, available_at=timezone.now() + timedelta(days=1))
    send("cancel-message", message=foreign.pk)
    assert models.Delivery.objects.get(message=foreign).state == "pending"


# ── downloads ──


@pytest.fixture
def attached(case, send) -> models.Attachment:
    """A page of HTML that went with a reply."""
    send(uploads=SimpleUploadedFile("../evil\u202e\u200b.html", b"<script>alert(1)</script>"))
    return models.Attachment.objects.get()


def test_a_file_comes_as_a_download_that_no_browser_runs(case_door, company, case, signed_in, attached):
    answer = signed_in(company.vera).get(case_door.url("case_file", case.reference, attached.pk))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"] == 'attachment; filename="evil.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "evil" not in attached.file.name, "nothing of the name is on the disk"


def test_a_file_is_found_only_under_its_own_case(case_door, company, signed_in, attached):
    other = make_case(title="Other", topic=company.seat, unit=company.harbour)
    foreign = make_case(title="Foreign", topic=company.seat, unit=company.south)
    for reference in (other.reference, foreign.reference, "NONE-123"):
        assert signed_in(company.ann).get(case_door.url("case_file", reference, attached.pk)).status_code == 404


def test_who_may_not_see_the_case_does_not_get_its_file(case_door, company, case, signed_in, attached):
    stranger = make_user("sue", role="Case manager", unit=company.south)
    assert signed_in(stranger).get(case_door.url("case_file", case.reference, attached.pk)).status_code == 404


def test_a_file_that_is_not_sent_yet_is_its_writers_alone(case_door, company, case, signed_in, send):
    send(button="preview", uploads=SimpleUploadedFile("a.txt", b"hello"))
    url = case_door.url("case_file", case.reference, models.Attachment.objects.get().pk)
    assert signed_in(company.ben).get(url).status_code == 404
    assert signed_in(company.ann).get(url).status_code == 200
