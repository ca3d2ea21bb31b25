"""Whatever way a reader takes, it leads to one and the same set of cases, and every number counts that set."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.test import APIClient

from tests.access.layers import MOST_PAGES, VIEWED, counted, expected_numbers, exported
from tests.access.small_world import WorldPlan, build, plans

pytestmark = pytest.mark.django_db

WORD = "lantern"
SMALL_PAGES = override_settings(CASE_MANAGEMENT={**getattr(site, "CASE_MANAGEMENT", {}), "PAGE_SIZE": 4})


def any_worlds(count: int) -> Any:
    """Runs a test over so many random worlds, a third of them on PostgreSQL, where each takes longer.

    They are the same ones in every run, so that a red one stays red.
    """
    count = count // 3 if os.environ["CM_TEST_DATABASE"] == "postgres" else count
    checked = settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: checked(given(plan=plans())(test))


def expected(world: SimpleNamespace, reader: int, right: str) -> list[str]:
    """References of the cases on which the plan gives the right."""
    pairs = zip(world.plan.cases, world.cases, strict=True)
    return sorted(case.reference for plan, case in pairs if world.plan.may(reader, right, plan))


@any_worlds(210)
def test_every_way_to_cases_leads_to_the_same_cases(plan: WorldPlan):
    with transaction.atomic(), SMALL_PAGES:
        world = build(plan, WORD)
        for reader, user in enumerate(world.users):
            seen = expected(world, reader, "view_case")
            found = {way: sorted(take(world, user)) for way, take in VIEWED.items()}
            assert found == dict.fromkeys(VIEWED, seen)
            assert sorted(exported(world, user)) == expected(world, reader, "export_case")
            _numbers_agree(world, reader, user)
        transaction.set_rollback(True)


def _numbers_agree(world: SimpleNamespace, reader: int, user: Any) -> None:
    wanted = expected_numbers(world, reader)
    found = counted(world, user)
    assert found == {name: wanted[name.partition(":")[0]] for name in found}


# ── the same through the doors ──

DOORS = ("case_management", "admin:case_management")


@any_worlds(21)
def test_both_admins_and_the_api_lead_to_the_same_cases(plan: WorldPlan):
    with transaction.atomic(), SMALL_PAGES:
        world = build(plan, WORD)
        for reader, user in enumerate(world.users):
            seen = expected(world, reader, "view_case")
            browser, program = Client(), APIClient()
            browser.force_login(user)
            program.force_authenticate(user)
            for door in DOORS:
                listed = listed_in(browser, reverse(f"{door}:list"), "view=all")
                assert listed == seen, (door, "list")
                assert listed_in(browser, reverse(f"{door}:list"), f"q={WORD}") == seen, (door, "search")
                pages = {case.reference: reverse(f"{door}:case", args=[case.reference]) for case in world.cases}
                assert sorted(ref for ref, url in pages.items() if browser.get(url).status_code == 200) == seen, door
            if user.is_active:  # an API without a login is not asked
                assert listed_by(program) == seen
        transaction.set_rollback(True)


def listed_in(browser: Client, url: str, query: str) -> list[str]:
    """References on all pages of a list, from link to link; none where the list does not open."""
    found: list[str] = []
    for _page in range(MOST_PAGES):
        answer = browser.get(f"{url}?{query}")
        if answer.status_code != 200:
            return sorted(found)
        text = answer.content.decode()
        found += re.findall(r'class="cm-reference">([^<]+)<', text)
        onward = re.search(r'rel="next" href="[^"?]*\?([^"]+)"', text)
        if onward is None:
            return sorted(found)
        query = onward[1].replace("&amp;", "&")
    raise AssertionError("the list has no end")


def listed_by(program: APIClient) -> list[str]:
    """References on all pages of the API; none for those who are turned away."""
    cache.clear()  # throttles do not count here
    found, url = [], reverse("case_management_api:cases") + "?page_size=4"
    while url:
        answer = program.get(url)
        if answer.status_code == 403:
            break
        body = answer.json()
        found += [row["reference"] for row in body["results"]]
        url = body["next"]
    return sorted(found)
