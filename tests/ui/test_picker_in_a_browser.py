"""The picker and the macros by the keyboard, in both admins: no faults that axe can see, nothing against the policy."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from case_management import models
from case_management.testing import make_case
from tests.flows.conftest import browser  # noqa: F401 - a fixture
from tests.flows.test_screens import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = "[[SIGNATURE]] {{7*7}} {% debug %} {0.__class__} ${7*7} %(x)s"


@pytest.fixture
def case(company):
    contact = models.Contact.objects.create(name=HOSTILE)
    contact.points.create(kind="email", value="robin@example.net")
    models.ScriptedResponse.objects.create(
        key="refund", name="Refund", subject="Your refund", state="approved", approved_by=company.ann,
        body="Dear [[CUSTOMER NAME]],\n[[AMOUNT]] is yours.\n[[LOCKED: terms]]It takes five days.[[/LOCKED]]",
        prompts=[{"name": "AMOUNT", "label": "How much?"}],
    )  # fmt: skip
    models.ScriptedResponse.objects.create(
        key="other", name="Another refund", subject="S", body="B", state="approved", approved_by=company.ann,
        topic=company.food,
    )  # fmt: skip
    steps = [{"action": "assign_me"}, {"action": "response", "response": "refund"}]
    models.Macro.objects.create(name="Take it", steps=steps)
    return make_case(topic=company.seat, priority=company.normal, unit=company.harbour, contact=contact)


@pytest.fixture
def page(browser, signed_in, company, live_server, case_door):  # noqa: F811
    cookie = signed_in(company.ann).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.refused = []
    page.on("console", lambda said: page.refused.append(said.text) if "Content Security" in said.text else None)
    return page


def faults(page):
    page.wait_for_load_state()
    found = Axe().run(page, context=".cm", options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def test_a_response_is_picked_answered_and_sent_by_keys(page, live_server, case_door, case):
    page.goto(f"{live_server.url}{case_door.url('case', case.reference)}?do=reply")
    form = page.locator("form.cm-writing[action*='/reply/']")
    form.locator("[role=combobox]").focus()
    page.keyboard.type("refund")
    form.locator("[role=option]").nth(1).wait_for()
    assert form.locator("[role=option][aria-selected=true]").inner_text().startswith("Refund")
    assert faults(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    form.locator("textarea[data-cm-prompt=AMOUNT]").wait_for()
    assert form.locator("[name=subject]").input_value() == "Your refund"
    text = form.locator("[name=text]").input_value()
    assert text.startswith(f"Dear {HOSTILE},\n[[AMOUNT]]")
    page.keyboard.press("Control+Enter")
    page.locator(".cm-errors").wait_for()
    assert "[[AMOUNT]]" in page.locator(".cm-errors").inner_text()
    assert faults(page) == []

    form.locator("textarea[data-cm-prompt=AMOUNT]").fill("40 pounds")
    form.locator("[name=text]").fill(text.replace("five", "thirty"))
    page.keyboard.press("Control+Enter")
    page.locator(".cm-original").wait_for()
    assert "five days" in page.locator(".cm-original").inner_text()
    assert "thirty days" in form.locator("[name=text]").input_value(), "nothing typed is lost"
    assert faults(page) == []
    form.locator("[name=text]").fill(text)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/reply/" not in url and "do=reply" not in url)
    message = models.Message.objects.get()
    assert message.text.startswith(f"Dear {HOSTILE},\n40 pounds is yours.\nIt takes five days.")
    assert message.response.key == "refund"
    assert page.refused == []


def test_a_macro_is_previewed_and_run(page, live_server, case_door, case, company):
    address = f"{live_server.url}{case_door.url('case', case.reference)}"
    page.goto(address)
    page.locator(".cm-macros > summary").click()
    assert faults(page) == []
    page.locator(".cm-macros a").first.click()
    page.locator(".cm-steps").wait_for()
    assert "Assign to me" in page.locator(".cm-steps").inner_text()
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth")
    assert models.Case.objects.get(pk=case.pk).assignee is None
    page.goto(address)
    assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth")
    page.locator("[data-cm-shortcut='1']").evaluate("one => one.click()")
    page.wait_for_url("**do=reply**")
    assert page.locator("form.cm-writing [name=text]").first.input_value().startswith("Dear ")
    assert models.Case.objects.get(pk=case.pk).assignee == company.ann
    assert page.refused == []


def held_back(page, question):
    """A list that takes what the browser asks for ``question``; its answer comes when the route is continued."""
    held = []
    page.route(re.compile(rf"[?&]q={question}\b"), lambda route: held.append(route))  # noqa: PLW0108
    return held


def test_enter_takes_what_fits_what_is_typed_however_late_the_answer_comes(page, live_server, case_door, case):
    page.goto(f"{live_server.url}{case_door.url('case', case.reference)}?do=reply")
    form = page.locator("form.cm-writing[action*='/reply/']")
    field = form.locator("[role=combobox]")
    field.fill("refund")
    form.locator("[role=option][aria-selected=true]", has_text="Your refund").wait_for()
    held = held_back(page, "another")
    with page.expect_request(re.compile("q=another")):
        field.fill("another")
    field.press("Enter")
    held[0].continue_()
    expect(form.locator("[name=subject]")).to_have_value("S")


def test_enter_in_the_palette_goes_where_the_words_lead_however_late_the_answer_comes(
    page, live_server, case_door, case
):
    first, second = (make_case(title=title, topic=case.topic, unit=case.unit) for title in ("Lamp", "Kettle"))
    page.goto(f"{live_server.url}{case_door.url('case', case.reference)}")
    page.keyboard.press("Control+k")
    field = page.locator("#cm-palette-q")
    field.fill(first.reference)
    page.locator("#cm-palette-list [aria-selected=true]", has_text=first.reference).wait_for()
    held = held_back(page, second.reference)
    with page.expect_request(re.compile(f"q={second.reference}")):
        field.fill(second.reference)
    field.press("Enter")
    held[0].continue_()
    page.wait_for_url(f"**/{second.reference}/**")
