"""Topics and units as trees, and keys that stay."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from case_management.models import (
    ClosureReason,
    Topic,
    Unit,
)
from tests.ui.setup.doors import (
    SAMPLES,
    SCREEN,
    Door,
    created,
    refused,
    rows_of,
)

pytestmark = pytest.mark.django_db


class TestTrees:
    """Topics and units: children below parents, in order, moved with what lies below them."""

    @pytest.fixture
    def tree(self) -> dict[str, Topic]:
        """Food with Cold food below; Seat; Wagon."""
        food = Topic.add_root(name="Food", key="food")
        cold = food.add_child(name="Cold food", key="cold")
        return {
            "food": food,
            "cold": cold,
            **{n.lower(): Topic.add_root(name=n, key=n.lower()) for n in ("Seat", "Wagon")},
        }

    def change(self, admin: Client, door: Door, topic: Topic, **data: Any) -> Any:
        topic.refresh_from_db()
        sent = {"name": topic.name, "is_active": "on", "parent": getattr(topic.get_parent(), "pk", ""), **data}
        return admin.post(door.url(SCREEN["topic"], "change", topic.pk), sent)

    def outline(self) -> list[str]:
        assert Topic.find_problems() == ([], [], [], [], [])
        return [topic.indented() for topic in Topic.objects.order_by("path")]

    def test_the_list_shows_the_tree_in_its_order(self, admin: Client, door: Door, tree: dict[str, Topic]) -> None:
        rows = rows_of(admin.get(door.url(SCREEN["topic"], "list")))
        assert [row.name for row in rows] == ["Food", "Cold food", "Seat", "Wagon"]
        assert "– Cold food" in admin.get(door.url(SCREEN["topic"], "list")).content.decode()

    def test_a_child_is_added_below_its_parent(self, admin: Client, door: Door, tree: dict[str, Topic]) -> None:
        page = admin.get(door.url(SCREEN["topic"], "add"), {"parent": tree["seat"].pk})
        assert f'<option value="{tree["seat"].pk}" selected>' in page.content.decode()
        created(admin, door, SCREEN["topic"], {"name": "Torn", "parent": tree["seat"].pk, "is_active": "on"})
        created(admin, door, SCREEN["topic"], {"name": "Broken", "parent": tree["seat"].pk, "is_active": "on"})
        assert self.outline() == ["Food", "– Cold food", "Seat", "– Torn", "– Broken", "Wagon"], "a new one comes last"

    def test_a_branch_moves_with_what_lies_below_it(self, admin: Client, door: Door, tree: dict[str, Topic]) -> None:
        assert self.change(admin, door, tree["food"], parent=tree["wagon"].pk).status_code == 302
        assert self.outline() == ["Seat", "Wagon", "– Food", "– – Cold food"]
        assert self.change(admin, door, tree["cold"], parent="").status_code == 302
        assert self.outline() == ["Seat", "Wagon", "– Food", "Cold food"]

    def test_a_new_name_leaves_a_topic_in_its_place(self, admin: Client, door: Door, tree: dict[str, Topic]) -> None:
        assert self.change(admin, door, tree["food"], name="Zzz").status_code == 302
        assert self.outline() == ["Zzz", "– Cold food", "Seat", "Wagon"]

    def test_units_keep_the_alphabet(self, admin: Client, door: Door) -> None:
        north, _south = (Unit.add_root(number=name[0], name=name) for name in ("North", "South"))
        data = {"number": "N", "name": "Zenith", "is_active": "on", "parent": "", "timezone": ""}
        assert admin.post(door.url(SCREEN["unit"], "change", north.pk), data).status_code == 302
        assert [unit.name for unit in Unit.objects.all()] == ["South", "Zenith"]

    def test_a_node_never_moves_below_itself(self, admin: Client, door: Door, tree: dict[str, Topic]) -> None:
        for below in (tree["food"], tree["cold"]):
            assert refused(self.change(admin, door, tree["food"], parent=below.pk), "parent")
        assert self.outline() == ["Food", "– Cold food", "Seat", "Wagon"]

    def test_what_treebeard_keeps_is_nobodys_field(self, admin: Client, door: Door, tree: dict[str, Topic]) -> None:
        page = admin.get(door.url(SCREEN["topic"], "change", tree["food"].pk)).content.decode()
        assert not any(f'name="{field}"' in page for field in ("path", "depth", "numchild"))


class TestKeys:
    """The name by which imports, rules and the API know an entry."""

    def test_the_key_is_made_from_the_name_and_free(self, admin: Client, door: Door) -> None:
        ClosureReason.objects.create(name="Solved!", key="solved")
        for screen, new in (
            ("closurereason", {"name": "Solved", "position": 0, "is_active": "on"}),
            ("topic", {"name": "Solved", "is_active": "on"}),
        ):
            made = created(admin, door, SCREEN[screen], new)
            assert made.key == ("solved-2" if screen == "closurereason" else "solved")

    def test_the_key_is_fixed_once_saved(self, admin: Client, door: Door) -> None:
        reason = ClosureReason.objects.create(name="Solved")
        data = {"name": "Settled", "key": "settled", "position": 0, "is_active": "on"}
        assert admin.post(door.url(SCREEN["closurereason"], "change", reason.pk), data).status_code == 302
        reason.refresh_from_db()
        assert (reason.name, reason.key) == ("Settled", "solved")

    def test_two_rules_never_share_a_key(self, admin: Client, door: Door) -> None:
        new = {**SAMPLES["rule"]().new, "key": "unhappy"}
        created(admin, door, SCREEN["rule"], new)
        assert "taken" in refused(admin.post(door.url(SCREEN["rule"], "add"), {**new, "name": "B"}), "key")
