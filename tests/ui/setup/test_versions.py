"""Rules and wording: what has acted or was approved is followed by a new version; mistakes are named at their field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from case_management.models import Rule, RuleFiring, ScriptedResponse
from tests.ui.setup.doors import SAMPLES, SCREEN, Door, client_of, created, refused, user_with

pytestmark = pytest.mark.django_db


class TestRules:
    """Checked as the engine reads them."""

    @pytest.fixture
    def new(self) -> dict[str, Any]:
        """What makes a rule."""
        return SAMPLES["rule"]().new

    @pytest.mark.parametrize(
        "mistake",
        [
            ("conditions", "{not json", "valid JSON"),
            ("conditions", '{"all": [{"field": "password", "op": "eq", "value": "x"}]}', "password"),
            ("conditions", '{"all": [{"field": "score", "op": "like", "value": 1}]}', "like"),
            ("actions", "[]", ""),
            ("actions", '[{"action": "delete_everything"}]', "delete_everything"),
            ("actions", '[{"action": "open_case", "topic": "no-such-topic"}]', "topic"),
        ],
    )
    def test_a_mistake_is_named_at_its_field(
        self, admin: Client, door: Door, new: dict[str, Any], mistake: tuple[str, str, str]
    ) -> None:
        field, value, complaint = mistake
        response = admin.post(door.url(SCREEN["rule"], "add"), {**new, field: value})
        assert complaint in refused(response, field)
        assert not Rule.objects.exists()

    def test_an_action_that_does_not_fit_the_occasion_is_named(
        self, admin: Client, door: Door, new: dict[str, Any]
    ) -> None:
        data = {**new, "occasion": "case_opened", "conditions": ""}
        assert "interaction" in refused(admin.post(door.url(SCREEN["rule"], "add"), data), "actions")

    def test_no_conditions_means_always(self, admin: Client, door: Door, new: dict[str, Any]) -> None:
        assert created(admin, door, SCREEN["rule"], {**new, "conditions": ""}).conditions == {}

    def test_the_list_says_the_rule_in_words(self, admin: Client, door: Door, new: dict[str, Any]) -> None:
        created(admin, door, SCREEN["rule"], new)
        assert "score is at most 4" in admin.get(door.url(SCREEN["rule"], "list")).content.decode()

    def test_a_rule_that_can_no_longer_be_read_does_not_break_the_list(self, admin: Client, door: Door) -> None:
        Rule.objects.create(key="old", name="Old", occasion="case_opened", conditions={"field": "gone"}, actions=[])
        assert "Not usable" in admin.get(door.url(SCREEN["rule"], "list")).content.decode()

    def test_a_rule_that_has_not_acted_is_changed_in_place(
        self, admin: Client, door: Door, new: dict[str, Any]
    ) -> None:
        rule = created(admin, door, SCREEN["rule"], new)
        admin.post(door.url(SCREEN["rule"], "change", rule.pk), {**new, "conditions": ""})
        assert list(Rule.objects.values_list("version", "conditions", "is_active")) == [(1, {}, True)]

    def test_a_rule_that_has_acted_is_followed_by_its_next_version(
        self, admin: Client, door: Door, new: dict[str, Any]
    ) -> None:
        rule = created(admin, door, SCREEN["rule"], new)
        RuleFiring.objects.create(key="k", rule=rule, fired_at=timezone.now(), about_at=timezone.now())
        url = door.url(SCREEN["rule"], "change", rule.pk)
        assert admin.post(url, {**new, "name": "Renamed"}).status_code == 302
        assert Rule.objects.get().name == "Renamed", "a name is not substance"
        assert admin.post(url, {**new, "conditions": ""}).status_code == 302
        old, fresh = Rule.objects.order_by("version")
        assert (old.version, old.is_active, old.conditions) == (1, False, json.loads(new["conditions"]))
        assert (fresh.key, fresh.version, fresh.is_active, fresh.conditions) == (old.key, 2, True, {})

    def test_one_version_at_a_time_is_switched_on(self, admin: Client, door: Door, new: dict[str, Any]) -> None:
        rule = created(admin, door, SCREEN["rule"], new)
        old = Rule.objects.create(
            key=rule.key, version=2, name="Two", occasion=rule.occasion, actions=rule.actions, state="draft"
        )
        response = admin.post(door.url(SCREEN["rule"], "change", old.pk), new)
        assert "Version 1" in refused(response, "is_active")


class TestWording:
    """Approving is a right of its own."""

    new = SAMPLES["scriptedresponse"]().new

    def test_an_author_writes_drafts_only(self, door: Door) -> None:
        author = client_of(user_with("add_scriptedresponse", "change_scriptedresponse", "view_scriptedresponse"))
        url = door.url(SCREEN["scriptedresponse"], "add")
        assert "approve" in refused(author.post(url, {**self.new, "state": "approved"}), "state")
        assert author.post(url, self.new).status_code == 302
        response = ScriptedResponse.objects.get()
        url = door.url(SCREEN["scriptedresponse"], "change", response.pk)
        assert "approve" in refused(author.post(url, {**self.new, "state": "approved"}), "state")

    def test_an_approved_text_is_followed_by_a_draft_and_stays_in_use(self, admin: Client, door: Door) -> None:
        approved = created(admin, door, SCREEN["scriptedresponse"], {**self.new, "state": "approved"})
        assert approved.approved_by is not None
        author = client_of(user_with("change_scriptedresponse", "view_scriptedresponse"))
        url = door.url(SCREEN["scriptedresponse"], "change", approved.pk)
        assert refused(author.post(url, {**self.new, "body": "New words.", "state": "approved"}), "state")
        assert author.post(url, {**self.new, "body": "New words.", "state": "draft"}).status_code == 302
        states = list(ScriptedResponse.objects.order_by("version").values_list("version", "body", "state"))
        assert states == [(1, self.new["body"], "approved"), (2, "New words.", "draft")]

    def test_an_approved_successor_retires_the_text_before(self, admin: Client, door: Door) -> None:
        first = created(admin, door, SCREEN["scriptedresponse"], {**self.new, "state": "approved"})
        url = door.url(SCREEN["scriptedresponse"], "change", first.pk)
        assert admin.post(url, {**self.new, "body": "New words.", "state": "approved"}).status_code == 302
        states = list(ScriptedResponse.objects.order_by("version").values_list("version", "state"))
        assert states == [(1, "retired"), (2, "approved")]
