"""Ledgers are read, never written, within the reader's rows; dead letters get another try; settings are one row."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import NoReverseMatch
from django.utils import timezone

from case_management.access.roles import LEDGERS, SETUP_MODELS
from case_management.models import (
    Alert,
    ExportJob,
    ImportBatch,
    Interaction,
    Membership,
    Notification,
    Rule,
    RuleFiring,
    Settings,
    Source,
    Unit,
)
from case_management.models.due import DueState
from case_management.testing import make_case, make_user
from case_management.ui.setup.screen import Screen
from case_management.ui.setup.screens import SCREENS
from tests.ui.setup.doors import SCREEN, DjangoDoor, Door, client_of, rows_of, user_with

pytestmark = pytest.mark.django_db

LEDGER_SCREENS = [screen for screen in SCREENS if screen.is_ledger]


def rows_about(user: Any, unit: Unit) -> dict[str, Any]:
    """One row of each ledger about a case of ``unit`` that ``user`` asked for or is told of."""
    now = timezone.now()
    case = make_case(unit=unit)
    rule, _ = Rule.objects.get_or_create(key="r", defaults={"name": "R", "occasion": "case_opened", "actions": []})
    return {
        "notification": Notification.objects.create(
            key=f"n{case.pk}", kind="assigned", recipient=user, case=case, available_at=now, last_error="no route"
        ),
        "rulefiring": RuleFiring.objects.create(
            key=f"f{case.pk}",
            rule=rule,
            case=case,
            fired_at=now,
            about_at=now,
            trace={
                "conditions": [{"field": "escalation_level", "op": "gte", "value": 2, "held": True, "saw": 3}],
                "actions": [{"action": "notify", "told": 1}],
            },
        ),
        "importbatch": ImportBatch.objects.create(requested_by=user, format="csv", available_at=now, name="old.csv"),
        "exportjob": ExportJob.objects.create(requested_by=user, format="xlsx", available_at=now),
    }


@pytest.fixture
def north() -> Unit:
    """A unit."""
    return Unit.add_root(number="1", name="North")


@pytest.fixture
def rows(north: Unit) -> dict[str, Any]:
    """Rows about North, asked for by somebody else."""
    return rows_about(make_user("somebody"), north)


def test_the_roles_know_every_screen() -> None:
    assert {screen.name for screen in SCREENS if not screen.is_ledger} == set(SETUP_MODELS)
    assert {screen.name for screen in LEDGER_SCREENS} == set(LEDGERS)


@pytest.mark.parametrize("screen", LEDGER_SCREENS, ids=lambda screen: screen.name)
class TestEveryLedger:
    """Alike for all."""

    def test_it_is_read(self, admin: Client, door: Door, screen: Screen, rows: dict[str, Any]) -> None:
        row = rows[screen.name]
        assert row in rows_of(admin.get(door.url(screen, "list")))
        page = admin.get(door.url(screen, "read", row.pk))
        assert page.status_code == 200
        assert not re.search(r">\s*None\s*<", page.content.decode())

    def test_nobody_writes_it(self, admin: Client, door: Door, screen: Screen, rows: dict[str, Any]) -> None:
        row = rows[screen.name]
        for page, args in (("add", ()), ("change", (row.pk,)), ("delete", (row.pk,))):
            try:
                url = door.url(screen, page, *args)
            except NoReverseMatch:
                continue
            assert admin.post(url, {"post": "yes", "key": "changed"}).status_code == 403
        kept = type(row).objects.get(pk=row.pk)
        assert all(getattr(kept, f.attname) == getattr(row, f.attname) for f in row._meta.concrete_fields)

    def test_a_reader_of_a_branch_sees_the_branchs_rows(
        self, door: Door, screen: Screen, rows: dict[str, Any], north: Unit
    ) -> None:
        south = Unit.add_root(number="2", name="South")
        manager = make_user("manager", role="Case manager", unit=south)
        own, client = rows_about(manager, south)[screen.name], client_of(manager)
        assert rows_of(client.get(door.url(screen, "list"))) == [own]
        assert client.get(door.url(screen, "read", own.pk)).status_code == 200
        assert client.get(door.url(screen, "read", rows[screen.name].pk)).status_code in (302, 404)

    def test_a_plain_permission_shows_nobodys_rows(self, door: Door, screen: Screen, rows: dict[str, Any]) -> None:
        user = user_with(f"view_{screen.name}")
        Membership.objects.filter(user=user).delete()  # the group stays
        client = client_of(user)
        assert rows_of(client.get(door.url(screen, "list"))) == []
        assert client.get(door.url(screen, "read", rows[screen.name].pk)).status_code in (302, 404)


def test_a_firing_says_why_in_words(admin: Client, door: Door, rows: dict[str, Any]) -> None:
    page = admin.get(door.url(SCREEN["rulefiring"], "read", rows["rulefiring"].pk)).content.decode()
    assert "escalation level is at least 2: yes (it was 3)" in page
    RuleFiring.objects.update(trace={"conditions": [{"field": "gone", "op": "odd", "value": None, "held": False}]})
    page = admin.get(door.url(SCREEN["rulefiring"], "read", rows["rulefiring"].pk)).content.decode()
    assert "gone odd: no" in page


def test_alerts_of_a_branch_are_the_branchs_own(door: Door, north: Unit, rows: dict[str, Any]) -> None:
    now, source = timezone.now(), Source.objects.create(name="Form")
    said = Interaction.objects.create(source=source, external_id="1", occurred_at=now, available_at=now, unit=north)
    alert = Alert.objects.create(firing=rows["rulefiring"], interaction=said, unit=north, title="T", raised_at=now)
    told = Notification.objects.create(key="alert", kind="alert", alert=alert, available_at=now)
    south = Unit.add_root(number="2", name="South")
    for unit, expected in ((north, True), (south, False)):
        manager = make_user(f"manager of {unit}", role="Case manager", unit=unit)
        shown = rows_of(client_of(manager).get(door.url(SCREEN["notification"], "list")))
        assert (told in shown) is expected


class TestRetry:
    """Dead letters are sent on their way again; what is done or suppressed stays so."""

    @pytest.fixture
    def letters(self, rows: dict[str, Any]) -> dict[str, Notification]:
        """One letter in each state, all used up and due far away."""
        later, case = timezone.now() + timedelta(days=1), rows["notification"].case
        return {
            state: Notification.objects.create(
                key=state, kind="assigned", state=state, attempts=12, available_at=later, last_error="gone", case=case
            )
            for state in DueState.values
        }

    def retry(self, client: Client, door: Door, letters: dict[str, Notification]) -> list[int]:
        screen = SCREEN["notification"]
        if isinstance(door, DjangoDoor):
            data = {"action": "retry_selected", "_selected_action": [row.pk for row in letters.values()]}
            return [client.post(door.url(screen, "list"), data).status_code]
        codes = []
        for row in letters.values():
            assert client.get(door.url(screen, "retry", row.pk)).status_code in (200, 302)
            codes.append(client.post(door.url(screen, "retry", row.pk)).status_code)
        return codes

    def due(self) -> set[str]:
        rows = Notification.objects.filter(state="pending", attempts=0, available_at__lte=timezone.now())
        return set(rows.values_list("key", flat=True)) & set(DueState.values)

    def test_dead_and_waiting_letters_are_due_again(
        self, admin: Client, door: Door, letters: dict[str, Notification]
    ) -> None:
        assert set(self.retry(admin, door, letters)) == {302}
        assert self.due() == {"dead", "pending"}
        for state in ("done", "suppressed", "cancelled"):
            letters[state].refresh_from_db()
            assert (letters[state].state, letters[state].attempts) == (state, 12)

    def test_readers_cannot(self, door: Door, letters: dict[str, Notification]) -> None:
        manager = client_of(make_user("manager", role="Case manager"))
        self.retry(manager, door, letters)
        assert self.due() == set()

    def test_all_that_failed_at_once(self, admin: Client, letters: dict[str, Notification], door: Door) -> None:
        if isinstance(door, DjangoDoor):
            pytest.skip("skipped: Django's admin selects all rows of a list by itself")
        url = door.url(SCREEN["notification"], "retry_all")
        assert "1 row" in admin.get(url).content.decode()
        assert admin.post(url).status_code == 302
        assert self.due() == {"dead"}


class TestSettings:
    """One row, there before anybody saved it."""

    new = {
        "note_min_length": 20, "close_after_days": 7, "group_days": 28, "notify_assignee": "on", "show_tags": "on",
    }  # fmt: skip

    def test_the_menu_leads_to_the_form_and_the_form_saves(self, admin: Client, door: Door) -> None:
        screen = SCREEN["settings"]
        there = admin.get(door.url(screen, "list"))
        assert there.status_code == 302
        assert admin.get(there.url).status_code == 200
        assert admin.post(there.url, self.new).status_code == 302
        assert Settings.load().note_min_length == 20
        assert admin.post(there.url, {**self.new, "note_min_length": 30}).status_code == 302
        assert [row.note_min_length for row in Settings.objects.all()] == [30]

    def test_it_is_neither_added_nor_deleted(self, admin: Client, door: Door) -> None:
        Settings().save()
        for page, args in (("add", ()), ("delete", (1,))):
            try:
                url = door.url(SCREEN["settings"], page, *args)
            except NoReverseMatch:
                continue
            assert admin.post(url, {"post": "yes", **self.new}).status_code == 403
        assert Settings.objects.count() == 1

    def test_those_who_read_cannot_save(self, door: Door) -> None:
        client = client_of(user_with("view_settings"))
        there = client.get(door.url(SCREEN["settings"], "list"))
        assert client.get(there.url).status_code == 200
        for address in {there.url, door.url(SCREEN["settings"], "change", 1)}:
            client.post(address, self.new)
        assert not Settings.objects.exists()


def test_every_permission_of_the_screens_exists() -> None:
    held = set(Permission.objects.filter(content_type__app_label="case_management").values_list("codename", flat=True))
    assert {f"view_{screen.name}" for screen in SCREENS} <= held
