"""Who has room again gets the next waiting case at once: no tick of the scheduler has to come first."""

from __future__ import annotations

import pytest

from case_management import models, operations
from case_management.assignment import Chain
from case_management.domain.actor import Actor
from case_management.models.agent import AgentProfile
from case_management.operations import Resolution, assign_by_chain
from case_management.testing import make_case
from example_project.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_a_resolved_case_makes_room_for_one_that_waits_without_a_scheduler(clockwork, agents):
    by, reason = Actor.system("test"), models.ClosureReason.objects.create(name="Solved")
    for agent in agents:
        AgentProfile.objects.create(user=agent, capacity=1)
    row = models.AssignmentChain.objects.create(name="Desk", strategies=["workload"])
    cases = [make_case(title=f"Case {number}", by=by) for number in range(3)]
    assign_by_chain([case.pk for case in cases], chain=Chain.of(row, by.at_this_moment().moment()), by=by)
    waiting = models.Case.objects.get(assignee=None)
    clockwork.start("worker", "case_worker")
    taken = models.Case.objects.exclude(pk=waiting.pk).first()
    operations.resolve_case(taken, Resolution(reason, "Called the customer."), by=by)
    given = models.Case.objects.filter(pk=waiting.pk, assignee=taken.assignee)
    wait_until(given.exists, seconds=30, what="the case that waited")
