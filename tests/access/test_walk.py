"""People of one branch walk every address of both admins and of the API: nothing of another branch reaches them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from case_management import models
from case_management.access.roles import ROLES
from case_management.testing import make_user
from tests.access.addresses import Address, Probe, addresses, matrix, url_of
from tests.access.branch import LURE, SECRET, add_case, add_traces, make_branch, state_of

# Whom each query lets in is asked of PostgreSQL by test_one_set and test_rights.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: Who walks: each role in the branch, somebody with every right in groups but no membership, and a stranger.
WALKERS = [role.name for role in ROLES] + ["rights without a membership", "no rights", "signed out"]


@pytest.fixture
def world() -> SimpleNamespace:
    """A branch of one's own and a foreign one."""
    return SimpleNamespace(own=make_branch("1", "own-words"), foreign=make_branch("2", SECRET))


class Walker:
    """A browser and a program of the same person."""

    def __init__(self, user: Any) -> None:
        self.user, self.browser, self.program = user, Client(raise_request_exception=True), APIClient()
        if user is not None:
            self.browser.force_login(user)
            token = Token.objects.get_or_create(user=user)[0].key
            self.program.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    def ask(self, address: Address, probe: Probe, *, send: bool) -> Any:
        """Read, or send what the probe sends; throttles do not count here."""
        cache.clear()
        url = url_of(address, probe)
        if not address.page.startswith("api "):
            return self.browser.post(url, probe.sent) if send else self.browser.get(url)
        act = getattr(self.program, probe.kind)
        return act(url, probe.sent, format="json") if send else self.program.get(url)


def walker_called(name: str, world: SimpleNamespace) -> Walker:
    """The person of :data:`WALKERS` in the branch of their own."""
    if name == "signed out":
        return Walker(None)
    if name in {role.name for role in ROLES}:
        return Walker(make_user("walker", role=name, unit=world.own.unit))
    user = make_user("walker")
    held = Permission.objects.filter(content_type__app_label="case_management") | Permission.objects.filter(
        codename="access_admin"
    )
    user.user_permissions.set(held if name == "rights without a membership" else [])
    return Walker(user)


def body_of(answer: Any) -> str:
    """All that an answer says, where it leads, and what files hold."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace") + str(answer.headers.get("Location", ""))


def probes(branch: SimpleNamespace) -> Iterator[tuple[Address, Probe]]:
    tried = matrix(branch)
    return ((address, probe) for address in addresses() for probe in tried[address.page])


def test_every_address_is_in_the_matrix(world):
    tried = matrix(world.foreign)
    assert [address for address in addresses() if address.page not in tried] == []
    assert sum(1 for _each in probes(world.foreign)) >= 400


@pytest.mark.parametrize("name", WALKERS)
def test_nothing_of_another_branch_reaches(name, world):
    """Reads and writes on the foreign branch's own keys: no leak, no write, no failure."""
    walker, before, faults, tried = walker_called(name, world), state_of(world.foreign), [], 0
    for address, probe in dealt(probes(world.foreign), name):
        for send in (False, True):
            # Undone, so that one attempt cannot hide the next.
            with transaction.atomic(), watched() as written:
                answer = walker.ask(address, probe, send=send)
                where = f"{'POST' if send else 'GET'} {url_of(address, probe)} {probe.sent if send else ''}"
                if answer.status_code >= 500 or SECRET in body_of(answer):
                    faults.append(f"{where}: {answer.status_code}")
                if written and state_of(world.foreign) != before:
                    faults.append(f"{where}: wrote")
                tried += 1
                transaction.set_rollback(True)
    assert faults == []
    assert tried >= 2 * len(addresses())


def dealt(asked: Iterator[tuple[Address, Probe]], name: str) -> list[tuple[Address, Probe]]:
    """Every address for everybody; of the probes of one address all for an administrator, and a share for others."""
    if name == WALKERS[0]:
        return list(asked)
    place, share = WALKERS.index(name), len(WALKERS) - 1
    pages: dict[str, list[tuple[Address, Probe]]] = {}
    for address, probe in asked:
        pages.setdefault(address.name, []).append((address, probe))
    return [
        pair
        for pairs in pages.values()
        for at, pair in enumerate(pairs)
        if at % share == place % min(share, len(pairs))
    ]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Statements that write rows of ours."""
    written: list[str] = []

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        if "case_management_" in sql and not sql.lstrip().startswith("SELECT"):
            written.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield written


def test_the_walk_would_see_it(world):
    """Somebody who may see everything finds the secret where a leak would be."""
    walker = Walker(make_user("insider", role="System administrator"))
    seen = pages_with_the_secret(walker, world.foreign)
    assert {"list", "case", "alerts", "api cases", "api case", "setup notification changelist"} <= seen
    owner = Walker(world.foreign.person)
    assert {"list", "change", "change_receipt", "preferences"} <= pages_with_the_secret(owner, world.foreign)


def pages_with_the_secret(walker: Walker, branch: SimpleNamespace) -> set[str]:
    """Pages of the shared part and of the API, and the ledgers."""
    asked = [pair for pair in probes(branch) if not pair[0].page.startswith("setup ") or "notification" in pair[0].page]
    return {address.page for address, probe in asked if SECRET in body_of(walker.ask(address, probe, send=False))}


def test_people_reach_their_own_branch(world):
    """The walls have a door: the same walk about one's own branch opens cases, lists and views."""
    walker = walker_called("System administrator", world)
    opened = {
        address.page
        for address, probe in probes(world.own)
        if walker.ask(address, probe, send=False).status_code == 200
    }
    assert {"list", "case", "dashboard", "alerts", "exports", "imports", "api cases", "api case", "bulk"} <= opened


# ── the count oracle ──


NOISE = [
    re.compile(r'(csrfmiddlewaretoken" value=|"CSRF_TOKEN": )"[^"]+"'),
    re.compile(r'name="(?:token|once|writer)" value="[\w:-]+"'),
]


def shown(walker: Walker, urls: list[str]) -> dict[str, str]:
    """What each page says, without what differs from request to request."""
    said = {}
    for url in urls:
        cache.clear()
        # A refusal of Wagtail's is said on whatever page of the browser comes next, so messages are not kept.
        walker.browser.cookies.pop("messages", None)
        asker = walker.program if "/api/" in url else walker.browser
        text = body_of(asker.get(url))
        for noise in NOISE:
            text = noise.sub("", text)
        said[url] = text
    return said


def differences(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """By address, the first lines that only one of two answers has."""
    found = {}
    for url, text in before.items():
        if text != after[url]:
            found[url] = sorted(set(text.splitlines()) ^ set(after[url].splitlines()))[:4]
    return found


def pages_of(branch: SimpleNamespace, name: str) -> list[str]:
    """Every page about the walker's own branch."""
    return [reverse("wagtailadmin_home"), reverse("admin:index")] + [
        url_of(address, probe) for address, probe in dealt(probes(branch), name)
    ]


@pytest.mark.parametrize("name", [role.name for role in ROLES])
def test_no_page_tells_by_a_number_that_there_is_more(name, world, monkeypatch):
    """Each page is the same, letter by letter, when the foreign branch has twelve more of everything."""
    walker = walker_called(name, world)
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    urls = pages_of(world.own, name)
    before = shown(walker, urls)
    for _each in range(12):
        world.foreign.case = add_case(world.foreign)
        add_traces(world.foreign)
    after = shown(walker, urls)
    assert differences(before, after) == {}
    assert models.Case.objects.filter(title__contains=LURE).count() > 12


def test_a_reader_of_one_branch_learns_nothing_of_a_response_of_another(world):
    reader = walker_called("Field manager", world)
    found = {}
    for branch in (world.own, world.foreign):
        said = branch.interaction
        found[branch.secret] = reader.program.get(
            f"/api/v1/responses/{said.source.key}/{said.external_id}/"
        ).status_code
    assert found == {"own-words": 200, SECRET: 404}
