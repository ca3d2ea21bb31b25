"""Replies and forwards as an agent sees them, in both admins, through real workers to a real mail server."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import InboundMail, receive_message, thread_of
from case_management.testing import make_case
from example_project.processes import wait_until
from tests.flows.test_screens import DOORS, RULES
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]
CUSTOMER, FRIEND = "cora@customer.example", "fred@friend.example"


@pytest.fixture
def cora(company):
    """A customer with an address, and three open cases with what each of them said."""
    contact = models.Contact.objects.create(name="Cora Miles")
    contact.points.create(kind="email", value=CUSTOMER)
    like = models.Case.objects.filter(status="new").first()
    facts = {"topic": like.topic, "source": like.source, "priority": like.priority, "unit": like.unit}
    return [
        make_case(title=f"Coffee {number}", description=f"Cold {number}", contact=contact, **facts)
        for number in range(3)
    ]


class Desk:
    """The agent's browser at one case."""

    def __init__(self, site, browser, company, door) -> None:
        login, self.prefix = DOORS[door]
        self.site = site
        self.page = log_in(browser, f"{site.url}{login}", "admin", company["passwords"]["admin"])
        self.page.set_default_timeout(90_000)
        self.complaints: list[str] = []
        self.page.on("console", self._hear)

    def _hear(self, line) -> None:
        if line.type == "error":
            self.complaints.append(f"{line.text} ({line.location['url']}, on {self.page.url})")

    def open(self, case, tab="reply"):
        """The case, with a tab open; its form."""
        self.page.goto(f"{self.site.url}{self.prefix}{case.reference}/?do={tab}")
        return self.page.locator(f"form.cm-writing[action*='/{tab}/']")

    def faults(self) -> list[str]:
        """What axe says of the forms and messages; the rest of the page has tests of its own."""
        self.page.wait_for_load_state()
        found = Axe().run(self.page, context=".cm-writing, .cm-message, .cm-outgoing", options=RULES)
        return [f"{one['id']}: {node['html'][:120]}" for one in found.response["violations"] for node in one["nodes"]]


def sent_to(smtp_sink, *addresses):
    return [mail for mail in smtp_sink.messages() if sorted(mail.recipients) == sorted(addresses)]


@pytest.mark.parametrize("door", DOORS)
def test_an_agent_answers_takes_back_sends_later_forwards_and_resolves(site, company, cora, browser, smtp_sink, door):
    site.environment["CASE_MANAGEMENT"] = json.dumps(
        {**json.loads(site.environment["CASE_MANAGEMENT"]), "SEND_UNDO_SECONDS": 20}
    )
    site.start()
    desk, (first, second, third) = Desk(site, browser, company, door), cora
    replies_with_a_file_and_a_copy(desk, first, smtp_sink)
    takes_back_and_finds_the_words_again(desk, second)
    sends_later_and_the_customer_is_faster(desk, first)
    forwards_what_is_ticked(desk, second, smtp_sink)
    sends_and_resolves(desk, third, smtp_sink)
    desk.page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("reply", "forward"):
        desk.open(first, tab)
        desk.page.locator("details.cm-writing-more").evaluate_all("all => all.forEach(one => one.open = true)")
        assert desk.faults() == []
        assert desk.page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth")
    assert desk.complaints == []


def replies_with_a_file_and_a_copy(desk, case, smtp_sink):
    form = desk.open(case)
    assert form.locator("[name=to]").input_value() == CUSTOMER
    form.locator("[name=text]").fill("We are sorry, Cora.")
    form.get_by_text("Cc, signature").click()
    form.locator("[name=cc]").fill(FRIEND)
    form.locator("[name=uploads]").set_input_files(
        {"name": "voucher.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 voucher"}
    )
    with desk.page.expect_navigation():
        form.get_by_role("button", name="Preview").click()
    preview = desk.page.locator(".cm-preview")
    assert "We are sorry, Cora." in preview.inner_text()
    assert "voucher.pdf" in preview.inner_text()
    assert desk.faults() == []
    with desk.page.expect_navigation():
        desk.page.locator("form.cm-writing[action*='/reply/']").get_by_role("button", name="Send", exact=True).click()
    assert desk.page.get_by_role("button", name="Undo").is_visible()
    assert desk.faults() == []
    wait_until(lambda: sent_to(smtp_sink, CUSTOMER, FRIEND), seconds=60, what="the reply")
    (mail,) = sent_to(smtp_sink, CUSTOMER, FRIEND)
    (file,) = mail.content.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("voucher.pdf", b"%PDF-1.4 voucher")
    told = models.CaseEvent.objects.filter(case=case, type="message_sent")
    wait_until(told.exists, seconds=20, what="the stamp")
    desk.page.reload()
    assert desk.page.get_by_role("button", name="Undo").count() == 0
    assert "Reply sent" in desk.page.locator("#cm-log").inner_text()
    with desk.page.expect_download() as download:
        desk.page.locator("#cm-log").get_by_role("link", name="voucher.pdf").click()
    assert download.value.path().read_bytes() == b"%PDF-1.4 voucher"


def takes_back_and_finds_the_words_again(desk, case):
    form = desk.open(case)
    form.locator("[name=text]").fill("Written in anger.")
    form.get_by_role("button", name="Send", exact=True).click()
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="Undo").click()
    assert models.Delivery.objects.get(message__case=case).state == "cancelled"
    assert "Stopped before it left" in desk.page.locator("#cm-log").inner_text()
    form = desk.open(case)
    assert form.locator("[name=text]").input_value().startswith("Written in anger.")


def sends_later_and_the_customer_is_faster(desk, case):
    form = desk.open(case)
    form.locator("[name=text]").fill("Is all well?")
    form.get_by_text("Cc, signature").click()
    form.locator("[name=send_at]").fill((timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"))
    form.locator("[name=cancels_on_answer]").check()
    with desk.page.expect_navigation():
        form.get_by_role("button", name="Send", exact=True).click()
    ours = models.Message.objects.filter(case=case, delivery__state="done").latest("pk")
    mail = InboundMail(
        sender=f"Cora Miles <{CUSTOMER}>", to=("care@example.org",), message_id="<answer@customer.example>",
        sent_at=timezone.now(), in_reply_to=ours.message_id, subject="Re: Coffee", text="All is well now.",
    )  # fmt: skip
    receive_message(thread_of(mail), mail=mail, by=Actor.system("intake"))
    desk.page.reload()
    log = desk.page.locator("#cm-log").inner_text()
    assert "All is well now." in log
    assert "Stopped: the customer wrote first" in log


def forwards_what_is_ticked(desk, case, smtp_sink):
    form = desk.open(case, "forward")
    form.locator("[name=to]").fill(FRIEND)
    form.locator("[name=text]").fill("Please look.")
    form.get_by_label("Contact details").check()
    with desk.page.expect_navigation():
        form.get_by_role("button", name="Forward", exact=True).click()
    wait_until(lambda: sent_to(smtp_sink, FRIEND), seconds=60, what="the forward")
    (mail,) = sent_to(smtp_sink, FRIEND)
    text = mail.content.get_body(("plain",)).get_content()
    assert [mark in text for mark in ("Please look.", "Cold 1", CUSTOMER, "Notes")] == [True, True, True, False]


def sends_and_resolves(desk, case, smtp_sink):
    form = desk.open(case)
    form.locator("[name=text]").fill("All settled; goodbye.")
    form.locator("summary", has_text="Send and resolve").click()
    along = form.locator("details.cm-writing-resolve")
    along.locator("select[name$=closure_reason]").select_option(index=1)
    along.locator("textarea").first.fill("Settled by mail, the customer is content.")
    for select in along.locator("select:not([name$=closure_reason])").all():
        select.select_option(index=1)
    before = len(sent_to(smtp_sink, CUSTOMER))
    with desk.page.expect_navigation():
        along.get_by_role("button", name="Send and resolve").click()
    case.refresh_from_db()
    assert case.status == "resolved", desk.page.locator(".cm").inner_text()[:3000]
    wait_until(lambda: len(sent_to(smtp_sink, CUSTOMER)) > before, seconds=60, what="the last reply")
