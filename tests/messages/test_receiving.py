"""Who may answer into a case: those who hold a secret of ours and take part; nobody else, however they try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.access import visible_to
from case_management.domain.reply_token import ReplyAddress, make_address, read_address
from case_management.exceptions import TransitionNotAllowed
from case_management.operations import IncomingFile, Resolution, Thread, receive_message, thread_of
from case_management.operations.conversation import reply_address
from case_management.testing import make_case, make_user
from tests.messages.conftest import CUSTOMER, FRIEND, POST, deliver_now, draft, kinds, mail

KEY = b"a key of ours"


@pytest.fixture
def domain(settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "REPLY_DOMAIN": "in.example.org", "REPLY_KEY": "secret"}


def sent(case, desk, sink, **facts):
    message = operations.reply_to_case(case, draft(**facts), by=desk.by)
    deliver_now()
    return message


# ── secrets ──


def test_an_address_is_read_back_whatever_case_a_mail_server_writes_it_in():
    for about in (ReplyAddress("K7QM-3TX"), ReplyAddress("K7QM-3TX", 123)):
        address = make_address(about, domain="in.example.org", key=KEY)
        assert len(address.partition("@")[0]) <= 64
        assert read_address(address, key=KEY) == read_address(address.upper(), key=KEY) == about


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("k7qm3tx", "k7qm3ty"),
        lambda text: text.replace("-c-", "-f1-"),
        lambda text: text[:20] + ("a" if text[20] != "a" else "b") + text[21:],
        lambda text: text.replace("+", ""),
        lambda text: "reply+@in.example.org",
        lambda text: "reply+k7qm3tx-c-@in.example.org",
    ],
)
def test_a_changed_address_is_nothing(change):
    address = make_address(ReplyAddress("K7QM-3TX"), domain="in.example.org", key=KEY)
    assert read_address(change(address), key=KEY) is None


def test_an_address_of_another_key_is_nothing():
    assert read_address(make_address(ReplyAddress("K7QM-3TX"), domain="x.example", key=KEY), key=b"other") is None


# ── threads ──


def test_an_answer_to_the_reply_address_joins_the_case(desk, case, sink, domain):
    message = sent(case, desk, sink)
    address = reply_address(message)
    assert sink.messages()[0].content["Reply-To"] == address
    assert thread_of(mail(to=(address,))) == Thread(case)


def test_an_answer_that_names_our_message_id_joins_the_case(desk, case, sink):
    message = sent(case, desk, sink)
    for named in ({"in_reply_to": message.message_id}, {"references": ("<x@y>", message.message_id)}):
        assert thread_of(mail(**named)) == Thread(case)


def test_a_stranger_joins_by_nothing(desk, case, sink, domain):
    message = sent(case, desk, sink)
    tries = [
        {"in_reply_to": message.message_id}, {"references": (message.message_id,)}, {"to": (reply_address(message),)},
        {"subject": f"[#{case.reference}] hello"}, {"subject": f"Re: {case.reference}"},
    ]  # fmt: skip
    assert [thread_of(mail(sender="mallory@evil.example", **one)) for one in tries] == [None] * len(tries)


def test_the_customer_joins_by_no_guess(desk, case, sink):
    sent(case, desk, sink)
    tries = [{}, {"subject": f"[#{case.reference}]"}, {"in_reply_to": "<1@localhost>"}, {"in_reply_to": ""}]
    assert [thread_of(mail(**one)) for one in tries] == [None] * len(tries)


def test_an_address_of_one_case_does_not_lead_to_another(desk, case, sink, domain):
    message = sent(case, desk, sink)
    other = make_case(title="Other", unit=desk.unit)
    swapped = reply_address(message).replace(
        case.reference.replace("-", "").lower(), other.reference.replace("-", "").lower()
    )
    assert thread_of(mail(to=(swapped,))) is None


def test_an_agents_address_is_no_participant(desk, case, sink):
    message = sent(case, desk, sink)
    assert thread_of(mail(sender=desk.agent.email, in_reply_to=message.message_id)) is None


def test_whom_we_wrote_to_takes_part_once_the_mail_was_sent(desk, case, sink):
    message = operations.reply_to_case(case, draft(cc=(FRIEND,)), by=desk.by)
    answer = mail(sender=f"Fred <{FRIEND.upper()}>", in_reply_to=message.message_id)
    assert thread_of(answer) is None
    deliver_now()
    assert thread_of(answer) == Thread(case)


# ── what it does ──


def test_the_same_mail_again_is_the_same_message(desk, case, sink):
    message = sent(case, desk, sink)
    came = mail(in_reply_to=message.message_id)
    first = receive_message(thread_of(came), mail=came, by=POST)
    assert receive_message(thread_of(came), mail=came, by=POST) == first
    assert kinds(case).count("message_received") == 1


def test_a_customers_mail_wakes_resumes_and_awaits_an_answer(desk, case, sink):
    message = sent(case, desk, sink, waits=True)
    case.refresh_from_db()
    operations.snooze_case(case, until=timezone.now() + timedelta(days=1), by=desk.by)
    came = mail(in_reply_to=message.message_id)
    receive_message(thread_of(came), mail=came, by=POST)
    case.refresh_from_db()
    assert (case.status, case.snoozed_until) == ("in_progress", None)
    assert case.awaiting_since is not None


def test_what_a_machine_wrote_changes_nothing(desk, case, sink):
    message = sent(case, desk, sink, waits=True)
    case.refresh_from_db()
    later = operations.reply_to_case(
        case, draft(send_at=timezone.now() + timedelta(days=1), cancels_on_answer=True), by=desk.by
    )
    came = mail(in_reply_to=message.message_id, is_automatic=True, subject="Out of office")
    receive_message(thread_of(came), mail=came, by=POST)
    case.refresh_from_db()
    assert (case.status, case.awaiting_since) == ("waiting", None)
    assert models.Delivery.objects.get(message=later).state == "pending"


def test_html_alone_is_read_as_text_and_nothing_of_it_acts(desk, case, sink):
    message = sent(case, desk, sink)
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Hello<br>there &amp; you</p>"
        "<script>alert(1)</script><img src='https://evil.example/p.gif' onerror='alert(1)'>"
        "<svg><script>2</script></svg><p>Bye</p></body></html>"
    )
    came = mail(in_reply_to=message.message_id, text="", html=html)
    received = receive_message(thread_of(came), mail=came, by=POST)
    assert received.text.split() == ["Hello", "there", "&", "you", "Bye"]


HOSTILE_NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Windows\\evil.exe": "evil.exe",
    "\u200b.htaccess": "htaccess",
    ".htaccess": "htaccess",
    "a\u202egpj.exe": "agpj.exe",
    "nul": "_nul",
    "CON.txt": "_CON.txt",
    "a\x00b\r\nc.txt": "abc.txt",
    "": "file",
    "...": "file",
    '<img src=x onerror="alert(1)">.png': "_img src=x onerror=_alert(1)__.png",
    "evil.svg": "evil.svg",
    "page.html": "page.html",
    "double.pdf.exe": "double.pdf.exe",
    "GIF89a;alert(1).gif": "GIF89a;alert(1).gif",
}


def test_files_come_with_harmless_names_and_lie_under_generated_ones(desk, case, sink):
    message = sent(case, desk, sink)
    files = tuple(IncomingFile(name, name.encode() or b"x") for name in [*HOSTILE_NAMES, "x" * 300 + ".pdf"])
    came = mail(in_reply_to=message.message_id, files=files)
    received = receive_message(thread_of(came), mail=came, by=POST)
    rows = list(received.attachments.order_by("pk"))
    assert [row.name for row in rows[:-1]] == list(HOSTILE_NAMES.values())
    assert (len(rows[-1].name), rows[-1].name[-4:]) == (150, ".pdf")
    active = {row.name for row in rows if row.content_type != "application/octet-stream"}
    assert active == {
        "_CON.txt",
        "abc.txt",
        *[row.name for row in rows if row.name[-4:] in (".png", ".gif", ".pdf")],
    }
    for row, file in zip(rows, files, strict=True):
        with row.file.open("rb") as content:
            assert content.read() == file.content
        assert row.file.name.startswith("attachments/")
        assert row.name not in row.file.name


def test_a_resolved_case_takes_no_message_of_the_customer(desk, case, sink):
    message = sent(case, desk, sink)
    case.refresh_from_db()
    operations.resolve_case(case, Resolution(desk.reason, "Sent a voucher."), by=desk.by)
    came = mail(in_reply_to=message.message_id)
    with pytest.raises(TransitionNotAllowed):
        receive_message(thread_of(came), mail=came, by=POST)
    assert models.Message.objects.filter(direction="in").count() == 0


# ── forwards ──


def test_an_answer_to_a_forward_is_internal_and_tells_the_customer_nothing(desk, case, sink, domain):
    forward = operations.forward_case(case, draft(to=(FRIEND,), subject="Please look"), by=desk.by)
    deliver_now()
    assert [one.recipients for one in sink.messages()] == [[FRIEND]]
    before = models.Case.objects.values("status", "awaiting_since").get(pk=case.pk)
    answer = mail(sender=FRIEND, to=(reply_address(forward),), text="It was the machine.")
    thread = thread_of(answer)
    assert thread == Thread(case, forward)
    received = receive_message(thread, mail=answer, by=POST)
    assert received.is_internal
    assert models.Case.objects.values("status", "awaiting_since").get(pk=case.pk) == before
    case.refresh_from_db()
    sink.clear()
    reply = operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    assert (reply.answers, sink.messages()[0].content["In-Reply-To"]) == (None, None)


def test_a_forwards_reader_is_no_participant_of_the_customers_conversation(desk, case, sink, domain):
    operations.forward_case(case, draft(to=(FRIEND,)), by=desk.by)
    reply = operations.reply_to_case(case, draft(), by=desk.by)
    deliver_now()
    assert thread_of(mail(sender=FRIEND, to=(reply_address(reply),))) is None
    assert thread_of(mail(sender=FRIEND, in_reply_to=reply.message_id)) is None
    assert thread_of(mail(sender=CUSTOMER, to=(reply_address(models.Message.objects.get(kind="forward")),))) is None


def test_a_forward_gives_nobody_a_right(desk, case, sink):
    colleague = make_user("cole")
    operations.forward_case(case, draft(to=(colleague.email,)), by=desk.by)
    deliver_now()
    assert visible_to(colleague).count() == 0
