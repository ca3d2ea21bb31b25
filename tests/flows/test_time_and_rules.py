"""A rule tried over the past and put into the shadow, and a case that says why and how its time adds up; in both."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter

import pytest

from case_management import models
from case_management.domain.actor import Actor
from case_management.operations import open_case, reopen_case
from example_project.processes import wait_until
from tests.flows.test_rule_builder import DOORS, draft_of_a_case, press
from tests.flows.test_screens import faults_on, wait_until_made
from tests.flows.test_walking_path import log_in

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

LENGTH = re.compile(r"(?:([\d,]+) h)? ?(?:(\d+) min)? ?(?:(\d+) s)?")


def looked_at(page):
    """No fault that axe sees in light and in dark; a phone scrolls nothing sideways."""
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        faults += faults_on(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.querySelector('.cm').scrollWidth <= window.innerWidth"), page.url
    page.set_viewport_size({"width": 1440, "height": 1000})
    assert faults == []


def downloaded(page, label):
    with page.expect_download() as download:
        page.get_by_role("link", name=label).click()
    return download.value.path().read_text(encoding="utf-8-sig")


def numbers(page):
    """Heading → count, as the trial's page shows them."""
    names, counts = (page.locator(f".cm-counts {part}").all_inner_texts() for part in ("dt", "dd"))
    return {name: int(count.replace(",", "")) for name, count in zip(names, counts, strict=True)}


@pytest.mark.parametrize("door", DOORS)
def test_a_rule_is_tried_and_watched_and_a_case_accounts_for_itself(site, company, browser, door):
    login, cases, _add = DOORS[door]
    rule = models.Rule.objects.create(
        key="watched", name="Watch assignments", occasion="case_changed", state="draft", cadence="once_per_response",
        conditions={"all": [{"field": "changed.assignee", "op": "changed"}]}, is_active=False,
        actions=[{"action": "flag"}, {"action": "notify", "to": ["assignee", "user:morgan.manager"]}],
    )  # fmt: skip
    models.Rule.objects.create(
        key="never", name="Never asked", occasion="case_opened", actions=[{"action": "flag"}],
        conditions={"all": [{"field": "flagged", "op": "is", "value": value} for value in (True, False)]},
    )  # fmt: skip
    site.start()
    page = log_in(browser, f"{site.url}{login}", "sam.admin", company["passwords"]["sam.admin"])
    entries = f"{site.url}{cases}entries/rule/"
    try_it(page, f"{entries}{rule.pk}/build/")
    watched = watch_it(page, f"{entries}{rule.pk}/versions/", rule)
    page.goto(f"{entries}findings/")
    assert "Never asked" in page.locator(".cm-card").inner_text()
    looked_at(page)
    page.goto(f"{site.url}{cases}{watched}/why/")
    acted = page.locator(".cm-whys-rule", has_text="Assign new cases")
    assert "acted" in acted.locator("summary").inner_text()
    looked_at(page)
    waits = models.Case.objects.filter(awaiting_since__isnull=False, resolved_at=None).first()
    page.goto(f"{site.url}{cases}{waits.reference}/")
    box = page.locator("#cm-clocks-about").text_content()
    assert "Awaiting our reply since" in box
    assert ".." not in box
    page.goto(f"{site.url}{cases}{reference_of_a_long_story()}/statement/")
    add_up(page)
    looked_at(page)


def reference_of_a_long_story():
    """A case that waited for its customer and comes back after it was resolved."""
    waited = models.CaseEvent.objects.filter(type="waiting").values("case")
    case = models.Case.objects.filter(pk__in=waited, reopen_count=0, resolved_at__isnull=False).latest("resolved_at")
    again, by = models.ReopenReason.objects.first(), Actor.system("test")
    return reopen_case(case, reason=again, note="The guest wrote again.", by=by).reference


def try_it(page, url):
    """What the page, the CSV and the JSON tell of a trial agrees."""
    page.goto(url)
    press(page, "try")
    wait_until_made(page)
    counted, found = numbers(page), json.loads(downloaded(page, "Download as JSON"))
    assert counted["It would have acted"] == found["counts"]["total"]["acted"] == len(found["lines"]) > 20
    assert counted["Cases"] == len({line["case"] for line in found["lines"]})
    shown = page.locator(".cm-table tbody tr")
    assert shown.locator("td:first-child a").all_inner_texts() == [line["case"] for line in found["lines"]][:100]
    flagged, mailed = shown.first.locator(".cm-rule__would li").all_inner_texts()
    first = found["lines"][0]["actions"]
    assert re.sub(r"\s+", " ", flagged).startswith("Flag") and first[0]["action"] == "flag"
    assert mailed == f"Notify: {', '.join(first[1]['users'])}"

    rows = list(csv.DictReader(downloaded(page, "Download as CSV").splitlines()))
    told = Counter(
        (line["case"], action["action"], ", ".join(action.get("users", ())))
        for line in found["lines"] for action in line["actions"]
    )  # fmt: skip
    assert Counter((row["Case"], row["Action"], row["Mailed"]) for row in rows) == told
    looked_at(page)


def watch_it(page, url, rule):
    """In the shadow it changes nothing and writes down what it would have done."""
    page.goto(url)
    looked_at(page)
    press(page, "shadow")
    assert "runs in the shadow" in page.locator("body").inner_text()
    # A live rule assigns new cases; the one in the shadow sees it.
    case = open_case(draft_of_a_case(), by=Actor.system("test"))
    lines = models.ShadowFiring.objects.filter(rule=rule, case=case)
    wait_until(lines.exists, seconds=60, what="a line of the shadow")
    page.get_by_role("link", name="What it wrote down").click()
    page.wait_for_load_state()
    assert case.reference in page.locator(".cm-table").inner_text()
    looked_at(page)
    assert not models.Case.objects.get(pk=case.pk).flagged
    return case.reference


def seconds(text):
    hours, minutes, rest = LENGTH.fullmatch(text.strip()).groups()
    return int((hours or "0").replace(",", "")) * 3600 + int(minutes or 0) * 60 + int(rest or 0)


def add_up(page):
    """In each table the lengths of the lines add up to the sums below it, and those to what is said above it."""
    checked, kinds = 0, set()
    for card in page.locator("section.cm-card").filter(has=page.locator(".cm-statement-sums")).all():
        lines, sums = Counter(), {}
        for row in card.locator(".cm-statement tbody tr").all():
            kind, why = row.locator("th span").all_inner_texts()
            lines[f"{kind}: {why.partition(':')[0]}"] += seconds(row.locator("td").nth(2).inner_text())
        for pair in card.locator(".cm-statement-sums > div").all():
            sums[pair.locator("dt").inner_text()] = seconds(pair.locator("dd").inner_text())
        assert lines == sums
        shown = card.locator("p.cm-strong").inner_text().partition(" counted")[0]
        is_clock = "counted of" in card.locator("p.cm-strong").inner_text()
        counted = sum(length for name, length in sums.items() if name.startswith("Counted") or not is_clock)
        assert seconds(shown) == counted
        checked, kinds = checked + 1, kinds | set(sums)
    assert checked >= 3, "two promises, as it was reopened, and how long the customer waited"
    assert {"Counted: business hours", "Paused: waiting for the customer"} <= kinds
