"""Two people with two browsers on one case, in both admins: they see each other, answer past nothing, lose nothing."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from example_project.processes import wait_until
from tests.flows.test_screens import DOORS, faults_on
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

DANA, MORGAN = "casey.agent", "morgan.manager"
PULSE = re.compile("/pulse/")


class Seat:
    """One person at one case in one admin."""

    def __init__(self, site, company, browser, door, who) -> None:
        login, self.prefix = DOORS[door]
        self.site, self.login, self.who, self.password = site, f"{site.url}{login}", who, company["passwords"][who]
        self.page = log_in(browser, self.login, who, self.password)
        self.refused: list[str] = []
        self.page.on(
            "console", lambda line: self.refused.append(line.text) if "Content Security" in line.text else None
        )

    def open(self, case) -> None:
        """Go to the case."""
        self.page.goto(f"{self.site.url}{self.prefix}{case.reference}/")

    def tab(self, slug: str):
        """The form of a tab, opened."""
        panel = self.page.locator(f"#cm-panel-{slug}")
        if panel.get_attribute("open") is None:
            panel.locator("summary").first.click()
        return panel.locator(f"#cm-form-{slug}")


def person(name):
    return get_user_model().objects.get(username=name)


def case_of_both():
    """An open case in work that Dana has and Morgan sees."""
    from case_management.access import visible_to

    found = visible_to(person(MORGAN)).open().filter(assignee__username=DANA, snoozed_until=None, status="in_progress")
    return found.order_by("pk").first()


def customer_writes(case, words):
    said = models.Interaction.objects.create(
        source=case.source,
        external_id=uuid4().hex,
        comment=words,
        case=case,
        occurred_at=timezone.now(),
        available_at=timezone.now(),
        state="done",
    )
    held = models.Case.objects.get(pk=case.pk)
    operations.attach_interaction(held, interaction=said, by=Actor.system("intake"))


@pytest.mark.parametrize("door", list(DOORS))
def test_two_people_work_one_case(site, company, browser, door):
    site.start()
    dana, morgan = (Seat(site, company, browser, door, who) for who in (DANA, MORGAN))
    case = case_of_both()
    they_see_each_other_and_who_types(dana, morgan, case)
    news_comes_without_losing_what_is_typed(dana, case)
    what_came_meanwhile_stops_the_answer_once(dana, case)
    two_edits_of_one_field_show_both(dana, morgan, case)
    assert (dana.refused, morgan.refused) == ([], [])


def they_see_each_other_and_who_types(dana, morgan, case):
    dana.open(case)
    morgan.open(case)
    name = person(MORGAN).get_full_name()
    # Dana's own beat comes every ten seconds; coming back to the page is one too.
    dana.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    dana.page.get_by_text(f"{name} is looking at this case").first.wait_for(state="attached")
    with morgan.page.expect_response(lambda answer: "typing=note" in (answer.request.post_data or "")):
        morgan.tab("note").locator("textarea").press_sequentially("I am on")
    dana.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    dana.page.locator("[data-cm-people] bdi", has_text=f"{name} is typing a note").wait_for(timeout=25_000)
    assert dana.page.locator("[data-cm-people-said]").inner_text() == f"{name} is typing a note"
    assert faults_on(dana.page) == []
    morgan.page.goto("about:blank")
    # A beat that is overtaken by the farewell is forgotten after half a minute, and seen to be with Dana's next.
    dana.page.locator("[data-cm-people]").wait_for(state="hidden", timeout=60_000)


def news_comes_without_losing_what_is_typed(dana, case):
    dana.open(case)
    note = dana.tab("note").locator("textarea")
    note.fill("Half a sentence")
    customer_writes(case, "Where is my refund?")
    banner = dana.page.locator("[data-cm-news]")
    banner.wait_for(timeout=25_000)
    assert "Where is my refund?" in banner.inner_text()
    assert faults_on(dana.page) == []
    banner.get_by_role("link", name="Show").click()
    banner.wait_for(state="hidden")
    assert "The customer got in touch again" in dana.page.locator("#cm-timeline").inner_text()
    assert note.input_value() == "Half a sentence"
    note.fill("")


def what_came_meanwhile_stops_the_answer_once(dana, case):
    dana.open(case)
    form = dana.tab("reply")
    form.locator("textarea[name=text]").fill("The refund is on its way.")
    customer_writes(case, "Forget it, I have it.")
    form.get_by_role("button", name="Send", exact=True).click()
    stopped = dana.page.locator(".cm-arrived")
    stopped.wait_for()
    assert "Forget it, I have it." in stopped.inner_text()
    form = dana.page.locator("#cm-form-reply")
    assert form.locator("textarea[name=text]").input_value() == "The refund is on its way."
    assert not models.Message.objects.filter(case=case, direction="out", text__contains="on its way").exists()
    assert faults_on(dana.page) == []
    form.get_by_role("button", name="Send anyway").click()
    written = models.Message.objects.filter(case=case, direction="out", text__contains="on its way")
    wait_until(lambda: written.count() == 1, seconds=20, what="the reply")


def two_edits_of_one_field_show_both(dana, morgan, case):
    for seat in (dana, morgan):
        seat.open(case)
    before = models.Case.objects.get(pk=case.pk)
    names = [each.name for each in models.Priority.objects.active().exclude(pk=before.priority_id)[:2]]
    # The form is read as its tab is opened: whoever opens it later sees what was saved before.
    hers = dana.tab("edit").locator("select[name=priority]")
    hers.wait_for()
    morgan.tab("edit").locator("select[name=priority]").select_option(label=names[0])
    morgan.page.locator("#cm-form-edit").get_by_role("button", name="Save", exact=True).click()
    wait_until(lambda: models.Case.objects.get(pk=case.pk).priority.name == names[0], seconds=20, what="Morgan's")
    hers.select_option(label=names[1])
    dana.page.locator("#cm-form-edit").get_by_role("button", name="Save", exact=True).click()
    both = dana.page.locator(".cm-both")
    both.wait_for()
    assert models.Case.objects.get(pk=case.pk).priority.name == names[0]
    assert names[0] in both.inner_text()
    assert names[1] in both.inner_text()
    assert faults_on(dana.page) == []
    both.get_by_label(re.compile(names[1])).check()
    dana.page.locator("#cm-form-edit").get_by_role("button", name="Save", exact=True).click()
    wait_until(lambda: models.Case.objects.get(pk=case.pk).priority.name == names[1], seconds=20, what="Dana's")


@pytest.mark.parametrize("door", list(DOORS))
def test_nothing_that_was_typed_is_lost(site, company, browser, door):
    site.start()
    dana = Seat(site, company, browser, door, DANA)
    case = case_of_both()
    a_draft_is_on_the_server_and_comes_back_elsewhere(site, company, browser, door, dana, case)
    a_cut_line_keeps_the_text_until_the_person_tries_again(dana, case)
    a_scripted_reply_comes_back_with_its_response_and_answers(dana, case)
    an_expired_session_leads_back_to_the_text(dana, case)
    a_refusal_keeps_the_text(dana, case)
    assert dana.refused == []


def a_draft_is_on_the_server_and_comes_back_elsewhere(site, company, browser, door, dana, case):
    dana.open(case)
    dana.tab("note").locator("textarea").fill("Begun at the desk")
    mine = models.Draft.objects.filter(case=case, user__username=DANA, form="note")
    wait_until(mine.exists, seconds=20, what="the draft")
    elsewhere = Seat(site, company, browser, door, DANA)
    elsewhere.open(case)
    assert elsewhere.page.locator("#cm-form-note textarea").input_value() == "Begun at the desk"
    notice = elsewhere.page.locator("[data-draft-notice]:visible")
    assert faults_on(elsewhere.page) == []
    elsewhere.page.locator("#cm-form-note textarea").fill("Begun at the desk, and not saved yet")
    notice.get_by_role("button", name="Discard").click()
    wait_until(lambda: not mine.exists(), seconds=20, what="the draft to go")
    dana.open(case)
    assert dana.page.locator("#cm-form-note textarea").input_value() == ""


def a_cut_line_keeps_the_text_until_the_person_tries_again(dana, case):
    dana.open(case)
    form = dana.tab("note")
    form.locator("textarea").fill("Written on a train, in a tunnel.")
    # What comes through takes the notice away, as soon as the line is back.
    dana.page.route(PULSE, lambda route: route.abort())
    dana.page.context.set_offline(True)
    form.get_by_role("button", name="Save", exact=True).click()
    told = dana.page.locator("#cm-panel-note [data-draft-trouble=network]")
    told.wait_for()
    assert form.locator("textarea").input_value() == "Written on a train, in a tunnel."
    dana.page.context.set_offline(False)
    with dana.page.expect_navigation():
        told.get_by_role("button", name="Try again").click()
    dana.page.unroute(PULSE)
    written = models.CaseNote.objects.filter(case=case, text__startswith="Written on a train")
    wait_until(lambda: written.count() == 1, seconds=20, what="the note")
    dana.open(case)
    assert dana.page.locator("#cm-form-note textarea").input_value() == ""
    assert not models.Draft.objects.filter(case=case, user__username=DANA).exists()


def a_scripted_reply_comes_back_with_its_response_and_answers(dana, case):
    dana.open(case)
    form = dana.tab("reply")
    form.locator("[role=combobox]").fill("looking into")
    form.locator("[role=option]", has_text="We are looking into it").click()
    day = form.locator("textarea[data-cm-prompt='BY WHEN']")
    day.fill("Friday noon")
    mine = models.Draft.objects.filter(case=case, user__username=DANA, form="reply")
    wait_until(lambda: any(["Friday noon"] in one.content.values() for one in mine.all()), seconds=20, what="the draft")
    dana.open(case)
    day.wait_for()
    assert day.input_value() == "Friday noon"
    assert "[[BY WHEN]]" in form.locator("[name=text]").input_value()
    assert faults_on(dana.page) == []
    form.get_by_role("button", name="Send", exact=True).click()
    written = models.Message.objects.filter(case=case, direction="out", text__contains="again by Friday noon")
    wait_until(lambda: written.count() == 1, seconds=20, what="the reply")
    assert written.get().response.name == "We are looking into it"
    wait_until(lambda: not mine.exists(), seconds=20, what="the draft to go")


def an_expired_session_leads_back_to_the_text(dana, case):
    dana.open(case)
    form = dana.tab("note")
    form.locator("textarea").fill("Written as the session ended.")
    Session.objects.all().delete()
    form.get_by_role("button", name="Save", exact=True).click()
    dana.page.locator("input[name=password], [data-draft-trouble=session]:visible").first.wait_for()
    if dana.page.locator("input[name=password]").count() == 0:
        dana.page.locator("[data-draft-trouble=session]:visible").get_by_role("link").click()
    dana.page.fill("input[name=username]", dana.who)
    dana.page.fill("input[name=password]", dana.password)
    dana.page.locator("button[type=submit], input[type=submit]").first.click()
    dana.page.wait_for_url(lambda address: urlsplit(address).path.endswith(f"/{case.reference}/"))
    again = dana.page.locator("#cm-form-note")
    assert again.locator("textarea").input_value() == "Written as the session ended."
    again.get_by_role("button", name="Save", exact=True).click()
    written = models.CaseNote.objects.filter(case=case, text__startswith="Written as the session")
    wait_until(lambda: written.count() == 1, seconds=20, what="the note")


def a_refusal_keeps_the_text(dana, case):
    dana.open(case)
    form = dana.tab("note")
    form.locator("textarea").fill("short")
    form.get_by_role("button", name="Save", exact=True).click()
    dana.page.locator("#cm-panel-note .cm-errors").wait_for()
    assert dana.page.locator("#cm-form-note textarea").input_value() == "short"
    dana.open(case)
    assert dana.page.locator("#cm-form-note textarea").input_value() == "short"
