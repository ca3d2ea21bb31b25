"""Nobody reaches a case past the shared pages: somebody of another branch walks every address of both admins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from case_management import models
from case_management.access.roles import LEDGERS
from case_management.testing import make_case, make_user
from case_management.ui.setup.screens import SCREENS
from tests.ui.setup.test_ledgers import rows_about

pytestmark = pytest.mark.django_db

SECRET = "Nobody-elses-business"


@dataclass
class Address:
    """One named address of an admin."""

    route: str
    name: str


def addresses(patterns: list[Any], route: str = "") -> Iterator[Address]:
    """Every address below, however deep it is included."""
    for pattern in patterns:
        here = route + str(pattern.pattern).lstrip("^").rstrip("$").replace("\\Z", "")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield Address(here, str(pattern.name or ""))


def ours() -> list[Address]:
    """Addresses of our screens and pages in both admins."""
    marks = ("case-setup/", "case_management/", "admin/cases/")
    found = [address for address in addresses(get_resolver().url_patterns) if any(m in address.route for m in marks)]
    assert len(found) > 150, "the walk lost its way"
    return found


def test_the_walk_knows_every_screen() -> None:
    routes = " ".join(address.route for address in ours())
    assert all(f"case_management/{screen.name}/" in routes for screen in SCREENS)


@pytest.fixture
def hidden() -> models.Case:
    """A case of North, and a row of each ledger about it, all with a word that nobody else may read."""
    north = models.Unit.add_root(number="1", name="North")
    case = make_case(title=SECRET, description=SECRET, unit=north, external_id=SECRET)
    rows_about(make_user("other"), north)
    models.Notification.objects.update(case=case, key=SECRET)
    models.RuleFiring.objects.update(case=case, key=SECRET)
    models.ImportBatch.objects.update(name=SECRET)
    models.ExportJob.objects.update(query=SECRET)
    return case


def test_somebody_of_another_branch_reaches_no_case_and_no_trace_of_one(client: Client, hidden: models.Case) -> None:
    before = models.Case.objects.values().get(pk=hidden.pk)
    south = models.Unit.add_root(number="2", name="South")
    client.force_login(make_user("outsider", role="System administrator", unit=south))
    for url in urls_about(hidden):
        answer = client.get(url)
        assert answer.status_code < 500, url
        assert SECRET not in body_of(answer), url
        # Each attempt is undone: an administrator who deletes their own membership would see nothing from then on.
        with transaction.atomic():
            answer = client.post(url, {"post": "yes", "title": "changed", "deactivate": "1"})
            assert answer.status_code < 500, url
            assert SECRET not in body_of(answer), url
            assert models.Case.objects.values().get(pk=hidden.pk) == before, url
            transaction.set_rollback(True)


def test_the_walk_would_see_it(client: Client, hidden: models.Case) -> None:
    client.force_login(make_user("insider", role="System administrator"))
    seen = {url for url in urls_about(hidden) if SECRET in body_of(client.get(url))}
    lists = {f"case_management/{name}/" for name in LEDGERS} | {f"case-setup/{name}/" for name in LEDGERS}
    assert {ledger for ledger in lists if not any(ledger in url for url in seen)} == set()
    assert any(hidden.reference in url for url in seen)


def urls_about(case: models.Case) -> list[str]:
    """Every address of ours, filled with the keys of the hidden rows."""
    return ["/" + fill(address.route, case) for address in ours()]


def fill(route: str, case: models.Case) -> str:
    """The route with the key of the ledger's row that it is about, or of the case."""
    models_by_name = {screen.name: screen.model for screen in SCREENS if screen.is_ledger}
    named = next((model for name, model in models_by_name.items() if f"/{name}/" in route), None)
    key = named._base_manager.values_list("pk", flat=True)[0] if named else case.pk
    route = re.sub(r"<(?:path|int|str):(?:object_id|pk|content_type_id)>", str(key), route)
    return re.sub(r"<(?:slug|str):reference>", case.reference, route)


def body_of(answer: Any) -> str:
    """What the answer says, also where it leads; nothing for files."""
    return "" if answer.streaming else answer.content.decode(errors="replace") + str(answer.get("Location", ""))


def test_cases_events_and_notes_have_no_form_of_their_own() -> None:
    registered = django_admin.site._registry
    for model in (models.CaseEvent, models.CaseNote, models.Message, models.Interaction, models.CaseTag):
        assert model not in registered
    case_admin = registered[models.Case]
    boss: Any = type("Request", (), {"user": type("Boss", (), {"has_perm": lambda *_: True})()})()
    assert not case_admin.has_change_permission(boss)
    assert not case_admin.has_delete_permission(boss)
