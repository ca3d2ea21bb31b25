"""Profiles and absences are told of colleagues, chains are checked where they are put together."""

from __future__ import annotations

import pytest

from case_management.models import Absence, AgentProfile, AssignmentChain, Unit
from case_management.testing import make_user
from tests.ui.setup.doors import SCREEN, client_of, refused, rows_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["absence", "agentprofile"])
def test_people_of_other_branches_are_not_told_of(door, name):
    north, south = (Unit.add_root(number=number, name=number) for number in ("N", "S"))
    chief = make_user("chief", role="System administrator", unit=north)
    mine, other = (
        make_user(username, role="Customer service agent", unit=unit)
        for username, unit in (("ann", north), ("zoe", south))
    )
    for person in (mine, other):
        AgentProfile.objects.create(user=person)
        Absence.objects.create(user=person, first_day="2026-08-03", last_day="2026-08-14")
    shown = rows_of(client_of(chief).get(door.url(SCREEN[name], "list")))
    assert [row.user for row in shown] == [mine]


def test_strategies_are_kept_in_their_fixed_order_and_a_field_is_named_where_it_is_needed(admin, door):
    add = door.url(SCREEN["assignmentchain"], "add")
    sent = {"name": "Desk", "strategies": ["random", "workload", "smart"], "smart_days": 30, "position": 0}
    assert admin.post(add, sent).status_code == 302
    assert AssignmentChain.objects.get().strategies == ["smart", "workload", "random"]
    named = {**sent, "name": "Named", "strategies": ["user_field"]}
    assert "which field" in refused(admin.post(add, named), "user_field")
    assert "strategy has this name" in refused(admin.post(add, {**sent, "name": "Smart"}), "key")
