"""Real letters through a real server: what they hold, and what happens when the server will not have them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from case_management.models import Notification
from case_management.notifications.channels import channels
from case_management.notifications.delivery import deliver_due
from case_management.testing import make_user
from example_project.processes import free_port
from tests.notifications.conftest import deliver_now, told


def states():
    return sorted(Notification.objects.values_list("recipient__username", "state"))


def test_a_letter_has_text_html_a_deep_link_and_says_that_a_machine_wrote_it(desk, sink):
    case = told(to=desk.agent, description="The coffee was cold.", unit=desk.unit)
    assert deliver_due() == 1
    (mail,) = sink.messages()
    assert (mail.sender, mail.recipients) == ("cases@example.org", [desk.agent.email])
    assert mail.content["To"] == desk.agent.email
    assert mail.content["Subject"] == f"[{case.reference}] assigned to you: Cold coffee"
    assert mail.content["Auto-Submitted"] == "auto-generated"
    assert mail.content["Message-ID"] == Notification.objects.get().message_id
    text = mail.content.get_body(("plain",)).get_content()
    html = mail.content.get_body(("html",)).get_content()
    for part in (text, html):
        assert "https://cases.example.org/" in part
        assert f"/{case.reference}/" in part
        assert "The coffee was cold." in part
    row = Notification.objects.get()
    assert (row.state, row.lease_until, row.last_error) == ("done", None, "")
    assert row.sent_at


@pytest.mark.parametrize("mode", ["451", "421", "drop"])
def test_not_now_means_later_with_the_same_message_id(desk, sink, mode):
    told(to=desk.agent)
    sink.set_mode(mode)
    deliver_due()
    row = Notification.objects.get()
    assert (row.state, row.attempts, row.sent_at) == ("pending", 1, None)
    assert row.available_at > timezone.now()
    assert deliver_due() == 0, "a pause is a pause"
    sink.set_mode("ok")
    assert deliver_now() == 1
    assert [mail.content["Message-ID"] for mail in sink.messages()] == [row.message_id]


def test_a_copy_after_a_lost_answer_carries_the_same_message_id(desk, sink):
    told(to=desk.agent)
    sink.set_mode("accept_then_drop")
    deliver_due()
    sink.set_mode("ok")
    deliver_now()
    assert len(sink.messages()) == 2
    assert {mail.content["Message-ID"] for mail in sink.messages()} == {Notification.objects.get().message_id}


def test_never_means_a_dead_letter_and_no_second_attempt(desk, sink):
    told(to=desk.agent)
    sink.set_mode("550")
    deliver_due()
    row = Notification.objects.get()
    assert (row.state, row.lease_until) == ("dead", None)
    assert "550" in row.last_error
    sink.set_mode("ok")
    assert deliver_now() == 0
    assert sink.messages() == []


HOSTILE = [
    f"Hello{mark}Bcc: victim@example.net{mark}{mark}Buy now"
    for mark in ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c", "\x1e", "%0d%0a", "\\r\\n")
]


def test_no_title_can_add_a_header_an_address_or_a_second_letter(desk, sink):
    for title in HOSTILE:
        told(title, to=desk.agent)
    assert deliver_due() == len(HOSTILE)
    letters = sink.messages()
    assert len(letters) == len(HOSTILE)
    for mail in letters:
        assert mail.recipients == [desk.agent.email]
        assert mail.content.get_all("To") == [desk.agent.email]
        assert mail.content.get_all("Bcc") is mail.content.get_all("Cc") is None
        assert len(mail.content.get_all("Subject")) == 1
        assert "victim@example.net" in mail.content["Subject"]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: victim@example.net",
        "a@example.org, victim@example.net",
        "nobody",
        "<a@example.org>",
        "a b@c",
    ],
)
def test_one_address_that_is_none_does_not_stop_the_others(desk, sink, address):
    bad = make_user("bad", role="Case manager")
    type(bad).objects.filter(pk=bad.pk).update(email=address)
    for to in (desk.agent, bad, desk.agent):
        told(to=to)
    assert deliver_due() == 3
    assert states() == [("agent", "done"), ("agent", "done"), ("bad", "dead")]
    assert [mail.recipients for mail in sink.messages()] == [[desk.agent.email]] * 2


def test_a_server_that_is_away_costs_one_attempt_and_everything_goes_out_when_it_is_back(desk, sink, settings):
    for _ in range(3):
        told(to=desk.agent)
    settings.EMAIL_PORT, port = free_port(), settings.EMAIL_PORT
    assert deliver_due() == 0
    assert sorted(Notification.objects.values_list("state", "attempts", "lease_until")) == [
        ("pending", 0, None), ("pending", 0, None), ("pending", 1, None),
    ]  # fmt: skip
    settings.EMAIL_PORT = port
    deliver_now()
    assert len(sink.messages()) == 3
    assert states() == [("agent", "done")] * 3


class Clumsy:
    """Breaks on one case in a way that nobody foresaw."""

    label = "Clumsy"
    sent: list[str] = []

    def open(self):
        """Nothing to do."""

    def send(self, notification):
        """Fail on one."""
        if notification.case.title == "poison":
            raise KeyError("template")
        self.sent.append(notification.key)

    def close(self):
        """Nothing to do."""


def test_an_error_that_nobody_foresaw_stops_neither_the_other_letters_nor_the_other_channels(desk, mailoutbox):
    Clumsy.sent = []
    for title in ("one", "poison", "two"):
        told(title, to=desk.agent)
    Notification.objects.update(channel="a-clumsy-one")
    told("by mail", to=desk.agent)
    with channels.temporarily("a-clumsy-one", Clumsy):
        deliver_due()
    poison = Notification.objects.get(case__title="poison")
    assert (poison.state, poison.attempts, poison.lease_until) == ("pending", 1, None)
    assert "KeyError" in poison.last_error
    assert poison.available_at > timezone.now()
    assert len(Clumsy.sent) == 2
    assert len(mailoutbox) == 1


def test_letters_for_a_channel_that_is_gone_are_buried_and_the_others_go_out(desk, mailoutbox):
    told("by pigeon", to=desk.agent)
    Notification.objects.update(channel="a-pigeon")
    told("by mail", to=desk.agent)
    deliver_due()
    lost = Notification.objects.get(case__title="by pigeon")
    assert lost.state == "dead"
    assert "a-pigeon" in lost.last_error
    assert len(mailoutbox) == 1
