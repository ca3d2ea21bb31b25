"""An administrator of a branch sets up the branch; what all branches share takes the right everywhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from case_management import models
from case_management.access.setting_up import may_set_up
from case_management.testing import make_topic, make_user
from tests.ui.setup.doors import SCREEN, Door, client_of, errors_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SimpleNamespace:
    """North, with Harbour below and an administrator; South; and what both share."""
    north, south = models.Unit.add_root(number="1", name="North"), models.Unit.add_root(number="2", name="South")
    below = models.Unit.objects.get(pk=north.pk).add_child(number="11", name="Harbour")
    clerk = make_user("clerk", role="System administrator", unit=north)
    other = make_user("other", role="Sales agent", unit=south)
    signatures = {
        name: models.Signature.objects.create(name=name, text="x", unit=unit, owner=owner)
        for name, unit, owner in (
            ("north", below, None), ("south", south, None), ("all", None, None), ("own", None, clerk),
            ("other", None, other),
        )
    }  # fmt: skip
    return SimpleNamespace(
        north=north, south=south, below=below, clerk=clerk, client=client_of(clerk), topic=make_topic(),
        team=models.Team.objects.create(name="Desk"), reason=models.ClosureReason.objects.create(name="Solved"),
        theirs=other.case_memberships.get(), mine=clerk.case_memberships.get(), signatures=signatures,
    )  # fmt: skip


def beyond(world: SimpleNamespace) -> list[Any]:
    """Entries of another branch, and entries of all."""
    shared = [world.topic, world.team, world.reason, models.Settings.objects.get_or_create(pk=1)[0]]
    return [world.south, world.theirs, *(world.signatures[name] for name in ("south", "all", "other")), *shared]


def within(world: SimpleNamespace) -> list[Any]:
    """Entries of one's own branch."""
    return [world.north, world.below, world.mine, world.signatures["north"], world.signatures["own"]]


def test_one_function_says_what_is_within_reach(world):
    for action in ("change", "delete"):
        assert [entry for entry in within(world) if not may_set_up(world.clerk, action, entry)] == []
        assert [entry for entry in beyond(world) if may_set_up(world.clerk, action, entry)] == []
    assert may_set_up(world.clerk, "add", models.Unit)
    assert not may_set_up(world.clerk, "add", models.Topic)
    everywhere = make_user("boss", role="System administrator")
    assert all(may_set_up(everywhere, "change", entry) for entry in (*within(world), *beyond(world)))
    reader = make_user("reader", role="Sales agent")
    assert not any(may_set_up(reader, "change", entry) for entry in (*within(world), *beyond(world)))


def test_no_form_reaches_beyond(door: Door, world):
    for entry in beyond(world):
        screen = SCREEN[entry._meta.model_name]
        before = type(entry)._base_manager.values().get(pk=entry.pk)
        for view in ("change", "delete") if not screen.is_single else ("change",):
            sent = {"name": "Taken", "number": "9", "text": "Taken", "post": "yes", "deactivate": "1"}
            answer = world.client.post(door.url(screen, view, entry.pk), sent)
            assert answer.status_code in (302, 403, 404), (entry, view, errors_of(answer))
            assert type(entry)._base_manager.values().get(pk=entry.pk) == before, (entry, view)


def test_what_is_shared_is_not_put_in_order_or_added_to(door: Door, world):
    for name in ("topic", "team", "closurereason"):
        answer = world.client.get(door.url(SCREEN[name], "add"))
        assert answer.status_code in (302, 403), name
        assert world.client.get(door.url(SCREEN[name], "list")).status_code == 200, "to read"


def test_ones_own_branch_is_set_up(door: Door, world):
    sent = {"number": "11", "name": "Haven", "parent": world.north.pk, "timezone": "", "is_active": "on"}
    answer = world.client.post(door.url(SCREEN["unit"], "change", world.below.pk), sent)
    assert answer.status_code == 302, errors_of(answer)
    assert models.Unit.objects.get(pk=world.below.pk).name == "Haven"


@pytest.mark.parametrize("to", ["south", "top"])
def test_no_unit_leaves_the_branch(door: Door, world, to):
    parent = world.south.pk if to == "south" else ""
    path = models.Unit.objects.get(pk=world.below.pk).path
    sent = {"number": "11", "name": "Harbour", "parent": parent, "timezone": "", "is_active": "on"}
    assert world.client.post(door.url(SCREEN["unit"], "change", world.below.pk), sent).status_code == 200
    assert world.client.post(door.url(SCREEN["unit"], "add"), {**sent, "number": "12"}).status_code == 200
    assert models.Unit.objects.get(pk=world.below.pk).path == path
    assert models.Unit.objects.count() == 3


def test_the_list_leads_to_forms_within_reach_alone(door: Door, world):
    page = world.client.get(door.url(SCREEN["unit"], "list")).content.decode()
    assert door.url(SCREEN["unit"], "change", world.north.pk) in page
    if door.name == "wagtail":
        assert door.url(SCREEN["unit"], "change", world.south.pk) not in page
