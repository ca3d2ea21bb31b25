"""Nothing internal reaches the customer: a word in every internal field, every way out, read from the raw mail."""

from __future__ import annotations

import base64
import quopri
from datetime import timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.mail_text import storable
from case_management.operations import Resolution, Thread, receive_message
from case_management.operations.forward_details import Detail, details_files, details_text
from case_management.testing import make_case, make_user
from tests.messages.conftest import CUSTOMER, FRIEND, POST, deliver_now, draft, mail

CANARY = "zq7canary"


@pytest.fixture
def secretive(desk):
    """A case in which every internal field says the word."""
    contact = desk.contact
    agent = make_user(f"{CANARY}-agent", role="Case manager", first_name=CANARY, last_name=CANARY)
    by = Actor.from_user(agent)
    category = models.TagCategory.objects.create(name=f"{CANARY} category")
    field = models.CustomField.objects.create(key=f"{CANARY}_field", name=f"{CANARY} field", kind="text")
    case = make_case(title="Cold coffee", unit=desk.unit, contact=contact, team=models.Team.objects.create(name=CANARY))
    operations.add_note(case, text=f"The customer is a {CANARY}.", by=by,
                        subject=models.NoteSubject.objects.create(name=CANARY))  # fmt: skip
    operations.tag_case(case, add=[models.Tag.objects.create(name=CANARY, category=category)], by=by)
    operations.assign_case(case, to=agent, by=by)
    operations.set_custom_fields(case, {field.key: f"{CANARY} value"}, by=by)
    operations.escalate_case(case, reason=f"Because of {CANARY}.", by=Actor.rule(f"{CANARY}.v1"))
    forward = operations.forward_case(case, draft(to=(FRIEND,), text=f"Internal {CANARY}"), by=by)
    receive_message(
        Thread(case, forward),
        mail=mail(sender=FRIEND, text=f"Answer {CANARY}", message_id=f"<{CANARY}@friend.example>"),
        by=POST,
    )
    note_file = models.Attachment(case=case, message=forward, name=f"{CANARY}.pdf", size=9, sha256="0" * 64)
    note_file.file.save("x", ContentFile(CANARY.encode()))
    draft_file = models.Attachment(case=case, uploaded_by=agent, name=f"draft-{CANARY}.pdf", size=9, sha256="0" * 64)
    draft_file.file.save("x", ContentFile(CANARY.encode()))
    reason = models.ClosureReason.objects.create(name=CANARY)
    models.Delivery.objects.update(state="cancelled")
    return SimpleNamespace(case=case, by=by, reason=reason, agent=agent)


def open_text(raw: bytes) -> str:
    """The mail as it is, and with every encoding of it undone."""
    parsed = message_from_bytes(raw, policy=policy.default)
    parts = [part.get_payload(decode=True) or b"" for part in parsed.walk() if not part.is_multipart()]
    headers = [f"{name}: {value}" for part in parsed.walk() for name, value in part.items()]
    decoded = b"\n".join([raw, quopri.decodestring(raw), *parts]).decode(errors="replace")
    return (decoded + "\n".join(headers)).casefold()


def mails(sink) -> list[str]:
    return [open_text(one.raw) for one in sink.messages()]


def test_no_way_out_to_others_says_anything_internal(desk, secretive, sink):
    case, by = secretive.case, secretive.by
    operations.reply_to_case(case, draft(cc=(FRIEND,)), by=by)
    deliver_now()
    case.refresh_from_db()
    receive_message(Thread(case), mail=mail(subject="Still cold"), by=POST)
    case.refresh_from_db()
    operations.reply_to_case(case, draft(send_at=timezone.now() + timedelta(days=1)), by=by)
    deliver_now()
    case.refresh_from_db()
    every_open = [one.value for one in Detail if one not in (Detail.NOTES, Detail.FIELDS)]
    for chosen in ([], every_open):
        body = details_text(case, chosen) or "See attached."
        files = details_files(case, chosen)
        operations.forward_case(case, draft(to=(FRIEND,), text=body, encloses=files), by=by)
        deliver_now()
        case.refresh_from_db()
    operations.reply_and_resolve(case, draft(), Resolution(secretive.reason, f"Closed: {CANARY}."), by=by)
    deliver_now()
    said = mails(sink)
    assert len(said) == 5
    assert [CANARY in one for one in said] == [False] * 5


def test_the_canary_would_be_seen(desk, secretive, sink):
    case, by = secretive.case, secretive.by
    operations.forward_case(case, draft(to=(FRIEND,), text=details_text(case, [Detail.NOTES])), by=by)
    deliver_now()
    operations.forward_case(case, draft(to=(FRIEND,), text=details_text(case, [Detail.FIELDS])), by=by)
    deliver_now()
    assert [CANARY in one for one in mails(sink)] == [True, True]
    assert CANARY in open_text(b"Subject: x\n\n" + base64.b16encode(b"") + CANARY.encode())


def test_details_are_exactly_those_that_are_ticked(desk, secretive):
    case = secretive.case
    models.Interaction.objects.create(
        source=case.source, external_id="1", case=case, comment="WORDS-x", answers={"Q": "ANSWER-x"},
        visit={"Table": "VISIT-x"}, occurred_at=timezone.now(), available_at=timezone.now(),
    )  # fmt: skip
    receive_message(Thread(case), mail=mail(text="TOLD-x"), by=POST)
    marks = {
        "words": "WORDS-x", "answers": "ANSWER-x", "visit": "VISIT-x", "conversation": "TOLD-x", "contact": CUSTOMER,
        "notes": "The customer is a", "fields": f"{CANARY} value",
    }  # fmt: skip
    for chosen, mark in marks.items():
        text = details_text(case, [chosen])
        others = [
            other
            for name, other in marks.items()
            if name != chosen and not (name == "contact" and chosen == "conversation")
        ]
        assert mark in text
        assert [other for other in others if other in text] == []
    assert details_text(case, []) == ""


HOSTILE = [
    f"Hello{mark}Bcc: victim@example.net{mark}{mark}Buy now"
    for mark in ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x00", "\x85", "\u2028", "\u2029", "\x1c", "\x1e", "%0d%0a")
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_a_header_or_a_recipient_and_none_is_tried_for_ever(desk, case, sink, text):
    desk.unit.sender_name = storable(text[:120])
    desk.unit.save()
    desk.contact.name = storable(text[:200])
    desk.contact.save()
    came = mail(subject=text, sender=CUSTOMER, in_reply_to=text, references=(text,), message_id=f"<{text[:50]}@x>")
    receive_message(Thread(case), mail=came, by=POST)
    case.refresh_from_db()
    operations.reply_to_case(case, draft(subject=text), by=desk.by)
    deliver_now()
    (one,) = sink.messages()
    assert one.recipients == [CUSTOMER]
    assert one.content["Bcc"] is None
    assert one.content["To"] == CUSTOMER
    assert "Hello" in one.content["Subject"]
    assert models.Delivery.objects.get().state == "done"


@pytest.mark.parametrize(
    "address", ["a@x.example, evil@y.example", "a@x.example\r\nBcc: e@y.example", "x\x0b@y.example", "nobody"]
)
def test_an_address_that_slipped_past_is_never_sent_to_and_ends_as_a_dead_letter(desk, case, sink, address):
    message = operations.reply_to_case(case, draft(), by=desk.by)
    models.Message.objects.filter(pk=message.pk).update(recipients=[address], answers=None)
    deliver_now()
    assert sink.messages() == []
    assert models.Delivery.objects.get().state == "dead"
