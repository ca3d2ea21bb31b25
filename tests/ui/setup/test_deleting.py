"""Deleting what is in use is refused with counts; what live rules name stays on offer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from case_management.models import (
    BusinessCalendar,
    CaseType,
    ClosureReason,
    Holiday,
    Priority,
    Rule,
    ScriptedResponse,
    SlaPolicy,
    Source,
    Tag,
    TagCategory,
    Team,
    Topic,
    Unit,
)
from case_management.testing import make_case
from tests.ui.setup.doors import (
    SAMPLES,
    SCREEN,
    DjangoDoor,
    Door,
    client_of,
    created,
    refused,
    user_with,
)

pytestmark = pytest.mark.django_db


class TestDeleting:
    """What is in use is never deleted: the page counts the use and offers to switch the entry off."""

    def test_an_entry_in_use_is_kept_and_its_use_counted(self, admin: Client, door: Door) -> None:
        topic = Topic.add_root(name="Seat", key="seat")
        source, priority = Source.objects.create(name="Survey"), Priority.objects.create(name="High", rank=1)
        for _ in range(2):
            make_case(topic=topic, source=source, priority=priority)
        ScriptedResponse.objects.create(key="sorry", name="Sorry", subject="S", body="B", topic=topic)
        for name, entry, count in (("topic", topic, "1 scripted response"), ("source", source, "2 cases")):
            url = door.url(SCREEN[name], "delete", entry.pk)
            asked, sent = admin.get(url), admin.post(url, {"post": "yes"})
            assert (asked.status_code, sent.status_code) == (200, 409)
            for response in (asked, sent):
                assert "2 cases" in response.content.decode()
                assert count in response.content.decode()
            assert type(entry)._base_manager.filter(pk=entry.pk).exists()

    def test_what_is_in_use_can_be_switched_off_instead(self, admin: Client, door: Door) -> None:
        case = make_case()
        url = door.url(SCREEN["topic"], "delete", case.topic_id)
        assert 'name="deactivate"' in admin.get(url).content.decode()
        assert admin.post(url, {"deactivate": "1"}).status_code == 302
        topic = Topic.objects.get(pk=case.topic_id)
        assert not topic.is_active
        assert 'name="deactivate"' not in admin.get(url).content.decode()

    def test_switching_off_needs_the_right_to_change(self, door: Door) -> None:
        case = make_case()
        url = door.url(SCREEN["topic"], "delete", case.topic_id)
        client = client_of(user_with("delete_topic"))
        assert 'name="deactivate"' not in client.get(url).content.decode()
        client.post(url, {"deactivate": "1"})
        assert Topic.objects.get(pk=case.topic_id).is_active

    @pytest.mark.parametrize(
        ("name", "make"),
        [
            ("casetype", lambda: (TagCategory.objects.create(name="C"), CaseType.objects.create(name="T"))),
            ("tagcategory", lambda: (None, TagCategory.objects.create(name="C"))),
            ("businesscalendar", lambda: (None, BusinessCalendar.objects.create(name="B"))),
            ("team", lambda: (None, Team.objects.create(name="T"))),
            ("unit", lambda: (None, Unit.add_root(number="1", name="U"))),
        ],
    )
    def test_set_up_that_leans_on_an_entry_counts_as_well(
        self, admin: Client, door: Door, name: str, make: Callable[[], tuple[Any, Any]]
    ) -> None:
        other, entry = make()
        if name == "casetype":
            other.required_for.add(entry)
        if name == "tagcategory":
            Tag.objects.create(name="t", category=entry)
        if name == "businesscalendar":
            SlaPolicy.objects.create(name="p", calendar=entry)
        if name == "team":
            make_case(team=entry)
        if name == "unit":
            entry.add_child(number="2", name="Below")
        response = admin.post(door.url(SCREEN[name], "delete", entry.pk), {"post": "yes"})
        assert response.status_code == 409
        assert "<li>1 " in response.content.decode()

    def test_parts_go_with_their_entry(self, admin: Client, door: Door) -> None:
        calendar = BusinessCalendar.objects.create(name="Office")
        Holiday.objects.create(calendar=calendar, date="2026-12-25", name="Christmas")
        url = door.url(SCREEN["businesscalendar"], "delete", calendar.pk)
        assert admin.post(url, {"post": "yes"}).status_code == 302
        assert not Holiday.objects.exists()

    def test_nothing_is_deleted_by_ticking_rows(self, admin: Client) -> None:
        reason = ClosureReason.objects.create(name="Solved")
        data = {"action": "delete_selected", "_selected_action": [reason.pk], "post": "yes"}
        admin.post(DjangoDoor().url(SCREEN["closurereason"], "list"), data)
        assert ClosureReason.objects.filter(pk=reason.pk).exists()


class TestWhatLiveRulesName:
    """A rule that names a missing entry fails on every interaction, so what rules name stays."""

    @pytest.fixture
    def named(self, admin: Client) -> Topic:
        """A topic that a live rule opens cases with."""
        created(admin, DjangoDoor(), SCREEN["rule"], SAMPLES["rule"]().new)
        return Topic.objects.get(key="seat")

    def test_it_cannot_be_switched_off(self, admin: Client, door: Door, named: Topic) -> None:
        response = admin.post(door.url(SCREEN["topic"], "change", named.pk), {"name": "Seat"})
        assert "Unhappy customer" in refused(response, "is_active")
        assert admin.post(door.url(SCREEN["topic"], "delete", named.pk), {"deactivate": "1"}).status_code == 302
        named.refresh_from_db()
        assert named.is_active

    def test_it_cannot_be_deleted(self, admin: Client, door: Door, named: Topic) -> None:
        response = admin.post(door.url(SCREEN["topic"], "delete", named.pk), {"post": "yes"})
        assert response.status_code == 409
        assert "1 rule" in response.content.decode()

    def test_it_is_free_once_the_rule_is_off(self, admin: Client, door: Door, named: Topic) -> None:
        Rule.objects.update(state="retired", is_active=False)
        assert admin.post(door.url(SCREEN["topic"], "change", named.pk), {"name": "Seat"}).status_code == 302
        assert admin.post(door.url(SCREEN["topic"], "delete", named.pk), {"post": "yes"}).status_code == 302

    def test_the_same_word_for_something_else_does_not_bind(self, admin: Client, door: Door, named: Topic) -> None:
        other = Priority.objects.create(name="Seat", rank=1)
        assert admin.post(door.url(SCREEN["priority"], "delete", other.pk), {"post": "yes"}).status_code == 302

    def test_a_units_number_stays_while_rules_call_it_by_that(self, admin: Client, door: Door) -> None:
        unit = Unit.add_root(number="7", name="Seven")
        condition = {"not": {"any": [{"field": "unit", "op": "under", "value": "7"}]}}
        new = {**SAMPLES["rule"]().new, "conditions": json.dumps(condition)}
        created(admin, DjangoDoor(), SCREEN["rule"], new)
        data = {"number": "8", "name": "Eight", "is_active": "on"}
        response = admin.post(door.url(SCREEN["unit"], "change", unit.pk), data)
        assert "Unhappy customer" in refused(response, "number")
