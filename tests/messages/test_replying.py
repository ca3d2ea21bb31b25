"""A reply: written, queued, sent by the delivery to a real server, and told on the timeline."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import (
    FileRefused,
    GateNotMet,
    NothingToChange,
    RightMissing,
    TransitionNotAllowed,
    ValueUnknown,
)
from case_management.notifications.customer_mail import deliver_messages
from case_management.operations import Resolution
from case_management.operations.conversation import answer_for
from case_management.operations.keep_file import forget_unsent
from case_management.testing import make_case, make_user
from tests.messages.conftest import CUSTOMER, FRIEND, POST, deliver_now, draft, kinds, mail


def received(case, **facts):
    """A message of the customer's that answers what we sent last."""
    ours = models.Message.objects.filter(case=case, direction="out").order_by("-pk").first()
    came = mail(in_reply_to=ours.message_id, **facts)
    return operations.receive_message(operations.thread_of(came), mail=came, by=POST)


def test_a_reply_waits_for_the_undo_window_then_leaves_as_text_and_html(desk, case, sink):
    before = timezone.now()
    message = operations.reply_to_case(case, draft(cc=(FRIEND,), text="Sorry, Cora <b>.\n\nAnn"), by=desk.by)
    assert timedelta(seconds=14) < message.delivery.available_at - before < timedelta(seconds=17)
    assert deliver_messages() == 0, "nothing leaves before the time to take it back is over"
    assert (case.status, kinds(case)[-2:]) == ("in_progress", ["started", "message_queued"])
    assert deliver_now() == 1
    (sent,) = sink.messages()
    assert sorted(sent.recipients) == sorted([CUSTOMER, FRIEND])
    assert (sent.content["To"], sent.content["Cc"]) == (CUSTOMER, FRIEND)
    assert str(sent.content["From"]) == "Harbour Café <bay@example.org>"
    assert sent.content["Message-ID"] == message.message_id
    assert sent.content.get_body(("plain",)).get_content().split() == ["Sorry,", "Cora", "<b>.", "Ann"]
    assert "Sorry, Cora &lt;b&gt;." in sent.content.get_body(("html",)).get_content()
    case.refresh_from_db()
    assert kinds(case)[-1] == "message_sent"
    assert models.Delivery.objects.get().state == "done"


def test_the_same_key_twice_is_one_message(desk, case, sink):
    first = operations.reply_to_case(case, draft(key="once"), by=desk.by)
    assert operations.reply_to_case(case, draft(key="once"), by=desk.by) == first
    deliver_now()
    assert len(sink.messages()) == 1


def test_only_who_holds_the_right_replies_and_nothing_is_written_otherwise(desk, case):
    with pytest.raises(RightMissing):
        operations.reply_to_case(case, draft(), by=desk.reader)
    assert models.Message.objects.count() == models.Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"to": ()}, "to"),
        ({"to": ("nobody",)}, "to"),
        ({"to": ("a@x.example, evil@y.example",)}, "to"),
        ({"to": ("a@x.example\r\nBcc: evil@y.example",)}, "to"),
        ({"cc": ("a@x.example\x0b",)}, "cc"),
        ({"cc": tuple(f"a{n}@x.example" for n in range(20))}, "cc"),
        ({"text": "  \n"}, "text"),
        ({"send_at": timezone.now() - timedelta(days=1)}, "send_at"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(desk, case, facts, field):
    with pytest.raises((GateNotMet, ValueUnknown)) as refusal:
        operations.reply_to_case(case, draft(**facts), by=desk.by)
    assert refusal.value.details["fields"] == [field]
    assert models.Message.objects.count() == 0


def test_a_sent_reply_ends_the_customers_waiting_but_not_for_what_they_wrote_meanwhile(desk, case, sink):
    operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    received(case)
    case.refresh_from_db()
    assert case.awaiting_since is not None
    operations.reply_to_case(case, draft(), by=desk.by)
    case.refresh_from_db()
    assert case.awaiting_since is not None, "written is not sent"
    again = received(case)
    deliver_now()
    case.refresh_from_db()
    assert case.awaiting_since == again.event.occurred_at
    operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    case.refresh_from_db()
    assert case.awaiting_since is None
    firsts = [event.payload.get("first") for event in case.events.filter(type="message_sent").order_by("seq")]
    assert firsts == [True, None, None]


def test_a_reply_may_set_the_case_waiting_once_it_is_sent(desk, case, sink):
    operations.reply_to_case(case, draft(waits=True), by=desk.by)
    assert case.status == "in_progress"
    deliver_now()
    case.refresh_from_db()
    assert (case.status, case.waiting_for) == ("waiting", "customer")
    received(case)
    case.refresh_from_db()
    assert case.status == "in_progress"


def test_a_reply_answers_the_latest_message_wherever_the_conversation_has_moved(desk, case, sink):
    desk.contact.points.create(kind="email", value="cora@work.example")
    operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    first = received(case, subject="Re: Cold coffee")
    operations.reply_to_case(case, draft(to=(CUSTOMER,), subject="Re: Cold coffee"), by=desk.by)
    latest = received(case, sender="Cora <cora@work.example>", subject="Now from work")
    sink.clear()
    deliver_now()
    (sent,) = sink.messages()
    assert sent.recipients == ["cora@work.example"]
    assert sent.content["In-Reply-To"] == latest.message_id
    assert first.message_id not in sent.content["In-Reply-To"]
    assert latest.message_id in sent.content["References"].split()
    assert sent.content["Subject"] == "Re: Now from work"


def test_what_the_writer_chose_stays_where_the_conversation_moves(desk, case, sink):
    operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    received(case)
    operations.reply_to_case(case, draft(to=(FRIEND,), subject="Your voucher"), by=desk.by)
    received(case, subject="Something else")
    sink.clear()
    deliver_now()
    (sent,) = sink.messages()
    assert (sent.recipients, sent.content["Subject"]) == ([FRIEND], "Your voucher")


# ── stopping ──


def test_a_message_is_stopped_by_its_writer_within_the_window_and_never_after(desk, case, sink):
    message = operations.reply_to_case(case, draft(), by=desk.by)
    operations.cancel_message(case, message=message, by=desk.by)
    assert kinds(case)[-1] == "message_cancelled"
    assert deliver_now() == 0
    assert sink.messages() == []
    with pytest.raises(NothingToChange, match="Too late"):
        operations.cancel_message(case, message=message, by=desk.by)
    sent = operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    case.refresh_from_db()
    with pytest.raises(NothingToChange, match="Too late"):
        operations.cancel_message(case, message=sent, by=desk.by)


def test_a_message_in_the_hands_of_a_worker_is_not_stopped(desk, case):
    message = operations.reply_to_case(case, draft(), by=desk.by)
    models.Delivery.objects.update(available_at=timezone.now())
    models.Delivery.objects.claim(timezone.now(), 5)
    with pytest.raises(NothingToChange, match="Too late"):
        operations.cancel_message(case, message=message, by=desk.by)


def test_a_stranger_does_not_stop_it_and_a_colleague_with_the_right_does(desk, case):
    message = operations.reply_to_case(case, draft(), by=desk.by)
    with pytest.raises(RightMissing):
        operations.cancel_message(case, message=message, by=desk.reader)
    colleague = Actor.from_user(make_user("bea", role="Customer service agent"))
    operations.cancel_message(case, message=message, by=colleague)
    assert models.Delivery.objects.get().state == "cancelled"


def test_a_message_of_another_case_is_not_stopped_through_this_one(desk, case):
    other = make_case(title="Other", unit=desk.unit)
    message = operations.reply_to_case(other, draft(), by=desk.by)
    with pytest.raises(NothingToChange):
        operations.cancel_message(case, message=message, by=desk.by)
    assert models.Delivery.objects.get().state == "pending"


RESOLUTION = "Sent a voucher and closed it."


def test_send_and_resolve_is_both_or_neither_and_stopping_takes_both_back(desk, case):
    with pytest.raises(GateNotMet):
        operations.reply_and_resolve(case, draft(), Resolution(desk.reason, "short"), by=desk.by)
    assert models.Message.objects.count() == 0
    case.refresh_from_db()
    message = operations.reply_and_resolve(case, draft(), Resolution(desk.reason, RESOLUTION), by=desk.by)
    assert (case.status, case.closure_reason) == ("resolved", desk.reason)
    operations.cancel_message(case, message=message, by=desk.by)
    assert (case.status, case.resolved_at, case.closure_reason) == ("in_progress", None, None)
    case.refresh_from_db()
    assert case.status == "in_progress"


def test_stopping_leaves_a_case_alone_that_somebody_reopened_and_resolved_again(desk, case):
    message = operations.reply_and_resolve(case, draft(), Resolution(desk.reason, RESOLUTION), by=desk.by)
    again = models.ReopenReason.objects.create(name="Not solved")
    operations.reopen_case(case, reason=again, note="They called again today.", by=desk.by)
    operations.resolve_case(case, Resolution(desk.reason, RESOLUTION), by=desk.by)
    operations.cancel_message(case, message=message, by=desk.by)
    assert case.status == "resolved"


def test_a_resolved_case_whose_reply_is_sent_stays_resolved(desk, case, sink):
    operations.reply_and_resolve(case, draft(waits=True), Resolution(desk.reason, RESOLUTION), by=desk.by)
    deliver_now()
    case.refresh_from_db()
    assert case.status == "resolved"
    assert kinds(case)[-1] == "message_sent"


def test_after_a_merge_the_customers_latest_message_is_answered_wherever_they_wrote_it(desk, case, sink):
    other = make_case(title="Warm milk", unit=desk.unit, contact=desk.contact)
    operations.reply_to_case(other, draft(subject="Re: Warm milk"), by=desk.by)
    deliver_now()
    other.refresh_from_db()
    received(other, subject="Re: Warm milk", message_id="<latest@customer.example>")
    operations.merge_case(models.Case.objects.get(pk=other.pk), into=case, by=desk.by)
    message = operations.reply_to_case(models.Case.objects.get(pk=case.pk), draft(), by=desk.by)
    assert (message.case, message.in_reply_to) == (case, "<latest@customer.example>")
    assert answer_for(models.Case.objects.get(pk=case.pk)).subject == "Re: Warm milk"


# ── later ──


def test_send_later_waits_for_its_moment_and_is_stopped_when_the_customer_writes_first(desk, case, sink):
    operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    tomorrow = timezone.now() + timedelta(days=1)
    kept = operations.reply_to_case(case, draft(send_at=tomorrow), by=desk.by)
    stopped = operations.reply_to_case(case, draft(send_at=tomorrow, cancels_on_answer=True), by=desk.by)
    assert deliver_messages() == 0
    case.refresh_from_db()
    received(case)
    states = dict(models.Delivery.objects.values_list("message_id", "state"))
    assert (states[kept.pk], states[stopped.pk]) == ("pending", "cancelled")
    assert models.Delivery.objects.get(message=stopped).reason == "answered"
    assert "message_cancelled" in kinds(case)


# ── what the server says ──


def test_never_is_told_on_the_timeline_and_can_be_sent_again(desk, case, sink):
    message = operations.reply_to_case(case, draft(), by=desk.by)
    sink.set_mode("550")
    deliver_now()
    row = models.Delivery.objects.get()
    assert (row.state, "550" in row.last_error) == ("dead", True)
    case.refresh_from_db()
    assert kinds(case)[-1] == "message_failed"
    assert deliver_now() == 0
    with pytest.raises(RightMissing):
        operations.send_again(case, message=message, by=desk.reader)
    sink.set_mode("ok")
    operations.send_again(case, message=message, by=desk.by)
    assert deliver_now() == 1
    assert [sent.content["Message-ID"] for sent in sink.messages()] == [message.message_id]
    case.refresh_from_db()
    with pytest.raises(NothingToChange):
        operations.send_again(case, message=message, by=desk.by)


def test_one_recipient_whom_the_server_refuses_is_named_and_the_others_have_it(desk, case, sink):
    operations.reply_to_case(case, draft(cc=("refused@friend.example",)), by=desk.by)
    deliver_now()
    assert [sent.recipients for sent in sink.messages()] == [[CUSTOMER]]
    row = models.Delivery.objects.get()
    assert (row.state, "refused@friend.example: 550" in row.last_error) == ("done", True)
    case.refresh_from_db()
    assert kinds(case)[-1] == "message_sent"


@pytest.mark.parametrize("mode", ["451", "421", "drop"])
def test_not_now_means_later_under_the_same_message_id(desk, case, sink, mode):
    message = operations.reply_to_case(case, draft(), by=desk.by)
    sink.set_mode(mode)
    deliver_now()
    row = models.Delivery.objects.get()
    assert (row.state, row.attempts) == ("pending", 1)
    assert row.available_at > timezone.now()
    sink.set_mode("ok")
    deliver_now()
    assert [sent.content["Message-ID"] for sent in sink.messages()] == [message.message_id]


def test_a_closed_case_is_not_answered(desk, case):
    operations.resolve_case(case, Resolution(desk.reason, RESOLUTION), by=desk.by)
    operations.close_case(case, by=desk.by)
    with pytest.raises(TransitionNotAllowed):
        operations.reply_to_case(case, draft(), by=desk.by)


# ── files ──


def kept(case, desk, name="voucher.pdf", content=b"%PDF"):
    return operations.keep_file(case, name=name, content=ContentFile(content), right="reply_case", by=desk.by)


def test_a_file_goes_out_as_it_came_and_belongs_to_one_message(desk, case, sink):
    row = kept(case, desk)
    assert row.sha256 == hashlib.sha256(b"%PDF").hexdigest()
    operations.reply_to_case(case, draft(files=(row,)), by=desk.by)
    with pytest.raises(ValueUnknown, match="another message"):
        operations.reply_to_case(case, draft(files=(row,)), by=desk.by)
    deliver_now()
    (sent,) = sink.messages()
    (file,) = sent.content.iter_attachments()
    assert (file.get_filename(), file.get_content(), file.get_content_type()) == (
        "voucher.pdf", b"%PDF", "application/pdf",
    )  # fmt: skip


def test_a_file_of_another_case_goes_nowhere(desk, case):
    other = make_case(title="Other", unit=desk.unit)
    row = kept(other, desk)
    for facts in ({"files": (row,)}, {"encloses": (row,)}):
        with pytest.raises(ValueUnknown):
            operations.reply_to_case(case, draft(**facts), by=desk.by)
    assert models.Message.objects.count() == 0


def test_too_much_for_one_message_is_refused(desk, case, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "ATTACHMENT_MB": 1}
    with pytest.raises(FileRefused):
        kept(case, desk, content=b"0" * (1024 * 1024 + 1))
    half = b"0" * 600_000
    rows = tuple(kept(case, desk, name=f"{number}.pdf", content=half) for number in range(2))
    with pytest.raises(FileRefused):
        operations.reply_to_case(case, draft(files=rows), by=desk.by)


def test_a_storage_without_room_leaves_no_row_and_a_reply_without_the_file_works(desk, case, settings, tmp_path, sink):
    (tmp_path / "full").write_text("not a directory")
    broken = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "full"}}
    settings.STORAGES = {**settings.STORAGES, "case_management_transfers": broken}
    with pytest.raises(FileRefused, match="cannot be kept"):
        kept(case, desk)
    assert models.Attachment.objects.count() == 0
    operations.reply_to_case(case, draft(), by=desk.by)
    assert deliver_now() == 1


def test_who_stops_a_message_has_its_files_at_hand_again(desk, case):
    row = kept(case, desk)
    message = operations.reply_to_case(case, draft(files=(row,)), by=desk.by)
    operations.cancel_message(case, message=message, by=desk.by)
    row.refresh_from_db()
    assert row.message is None


def test_files_that_nobody_sent_are_forgotten_with_their_bytes(desk, case, django_capture_on_commit_callbacks):
    old, fresh = kept(case, desk), kept(case, desk)
    gone = kept(case, desk)
    operations.reply_to_case(case, draft(files=(gone,)), by=desk.by)
    now = timezone.now()
    models.Attachment.objects.exclude(pk=fresh.pk).update(created_at=now - timedelta(days=3))
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_unsent(now, 10) == 1
    assert set(models.Attachment.objects.all()) == {fresh, gone}
    storage = models.message.private_storage()
    assert [storage.exists(row.file.name) for row in (old, fresh, gone)] == [False, True, True]
