"""The case page tells who was considered for a case, whom each strategy left, and who was passed over and why."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.assignment import Chain
from case_management.domain.actor import Actor
from case_management.models.agent import Absence, AgentProfile
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.fixture
def chain(company):
    row = models.AssignmentChain.objects.create(name="First in turn", strategies=["workload", "random"])
    return Chain.of(row, timezone.now())


def page_of(case, door, client):
    return client.get(door.url("case", case.reference)).content.decode()


def test_the_entry_names_candidates_counts_seed_and_why_not(company, chain, case_door, signed_in):
    cas = make_user("cas", role="Case manager", unit=company.north)
    day = timezone.now().date()
    Absence.objects.create(user=company.ben, first_day=day, last_day=day)
    AgentProfile.objects.create(user=cas, capacity=1)
    busy, case = (make_case(unit=company.harbour, topic=company.seat) for _ in range(2))
    operations.assign_case(busy, to=cas, by=SYSTEM)
    make_user("dora", role="Case manager", unit=company.north)
    seed = f"{case.reference}/{case.version}"
    operations.assign_by_chain([case.pk], chain=chain, by=SYSTEM)
    shown = page_of(case, case_door, signed_in(company.ann))
    assert "Why: assignment chain “First in turn”" in shown
    assert "ann (0 open cases)" in shown
    assert seed in shown
    assert "absent until" in shown
    assert "has enough to do" in shown
    assert "1 open case, takes 1" in shown


def test_a_case_that_waits_says_so_and_whom_it_could_not_go_to(company, chain, case_door, signed_in):
    for person in (company.ann, company.ben):
        models.Membership.objects.filter(user=person).update(is_available=False)
    case = make_case(unit=company.harbour, topic=company.seat)
    operations.assign_by_chain([case.pk], chain=chain, by=SYSTEM)
    shown = page_of(case, case_door, signed_in(company.ann))
    assert "it waits for an assignee" in shown
    assert "not available" in shown


def test_a_rule_tells_the_steps_once(company, case_door, signed_in):
    models.Rule.objects.create(
        key="share", name="Share", occasion="case_opened",
        actions=[{"action": "assign", "chain": ["workload"]}],
    )  # fmt: skip
    case = make_case(unit=company.harbour, topic=company.seat)
    from case_management.jobs.drain import drain_all

    drain_all()
    shown = page_of(case, case_door, signed_in(company.ann))
    assert "Why: rule “Share”" in shown
    assert shown.count("ann (0 open cases)") == 1


def test_what_is_told_costs_as_many_queries_for_twenty_decisions_as_for_one(company, chain, case_door, signed_in):
    client = signed_in(company.ann)

    def queries(times):
        case = make_case(unit=company.harbour, topic=company.seat)
        for _ in range(times):
            operations.assign_by_chain([case.pk], chain=chain, by=SYSTEM)
            operations.unassign_case(models.Case.objects.get(pk=case.pk), by=SYSTEM)
        page_of(case, case_door, client)
        with CaptureQueriesContext(connection) as captured:
            page_of(case, case_door, client)
        return len(captured)

    assert queries(20) == queries(1)
