"""Who gets a case: each strategy narrows, the first that leaves one decides, and the work is shared evenly."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models, operations
from case_management.access import Coverage
from case_management.assignment import Strategy, choose, strategies
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
RIGHT = "resolve_case"


@pytest.fixture
def agents():
    return [make_user(name, role="Customer service agent") for name in ("ann", "ben", "cat")]


@pytest.fixture
def contact():
    return models.Contact.objects.create(name="Robin Reed")


def chosen(cases, *chain):
    """Case id → choice, as the rules' action asks."""
    return choose(cases, chain, Coverage.load(RIGHT, cases))


def handled(contact, agent, **facts):
    """A case of this contact that the agent had."""
    case = make_case(contact=contact, by=SYSTEM, **facts)
    operations.assign_case(case, to=agent, by=SYSTEM)
    return case


def test_the_first_strategy_that_leaves_one_decides_and_the_others_are_not_asked(agents, contact):
    handled(contact, agents[1])
    case = make_case(contact=contact, by=SYSTEM)
    choice = chosen([case], "smart", "workload", "random")[case.pk]
    assert (choice.user_id, choice.strategy) == (agents[1].pk, "smart")
    assert [step["strategy"] for step in choice.steps] == ["smart"]


def test_a_strategy_that_cannot_tell_leaves_everybody_to_the_next(agents, contact):
    handled(contact=None, agent=agents[0])
    case = make_case(contact=contact, by=SYSTEM)
    choice = chosen([case], "smart", "workload")[case.pk]
    smart, workload = choice.steps
    assert (smart["count"], smart["left"]) == (3, [])
    assert (workload["count"], workload["left"]) == (3, ["ben", "cat"])
    assert (choice.user_id, choice.strategy) == (agents[1].pk, "lowest user id")


def test_each_strategy_sees_only_whom_the_one_before_it_left(agents):
    handled(None, agents[0])
    case = make_case(by=SYSTEM)
    choice = chosen([case], "workload", "random")[case.pk]
    assert [candidate["user"] for candidate in choice.steps[1]["candidates"]] == ["ben", "cat"]
    assert choice.user_id in {agents[1].pk, agents[2].pk}


def test_without_a_chain_the_lowest_user_id_is_taken(agents):
    case = make_case(by=SYSTEM)
    assert chosen([case])[case.pk].user_id == agents[0].pk


def test_nobody_to_choose_from_is_an_answer(agents):
    models.Membership.objects.update(is_available=False)
    case = make_case(by=SYSTEM)
    choice = chosen([case], "workload")[case.pk]
    assert (choice.user_id, choice.strategy) == (None, None)


def test_an_unknown_strategy_is_named_with_those_that_are_known(agents):
    case = make_case(by=SYSTEM)
    with pytest.raises(InvalidConfiguration, match=r"fastest.*random, .*smart, .*workload"):
        chosen([case], "fastest")


@pytest.mark.parametrize(
    "leaves",
    [
        lambda agent: models.Membership.objects.filter(user=agent).update(is_available=False),
        lambda agent: models.Membership.objects.filter(user=agent).delete(),
        lambda agent: type(agent).objects.filter(pk=agent.pk).update(is_active=False),
        lambda agent: models.Membership.objects.filter(user=agent).update(
            unit=models.Unit.add_root(number="9", name="Elsewhere")
        ),
    ],
)
def test_smart_passes_over_a_previous_handler_who_is_no_candidate_now(agents, contact, leaves):
    handled(contact, agents[1])
    case = make_case(contact=contact, unit=models.Unit.add_root(number="1", name="Here"), by=SYSTEM)
    leaves(agents[1])
    choice = chosen([case], "smart", "workload")[case.pk]
    assert choice.user_id != agents[1].pk
    assert choice.steps[0]["left"] == []


def test_smart_means_who_had_the_contact_last_and_not_in_this_very_batch(agents, contact):
    handled(contact, agents[2])
    handled(contact, agents[0])
    first, second = (make_case(contact=contact, by=SYSTEM) for _ in range(2))
    choices = chosen([first, second], "smart")
    assert {choice.user_id for choice in choices.values()} == {agents[0].pk}


def test_nobodys_contact_has_no_previous_handler(agents):
    handled(None, agents[2])
    case = make_case(by=SYSTEM)
    assert chosen([case], "smart")[case.pk].steps[0]["left"] == []


def test_a_case_with_a_team_goes_to_the_team_even_where_others_have_less_to_do(agents):
    team = models.Team.objects.create(name="Desk")
    team.members.add(agents[0])
    handled(None, agents[0])
    case = make_case(team=team, by=SYSTEM)
    assert chosen([case], "workload")[case.pk].user_id == agents[0].pk


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_levels_what_was_uneven_and_then_stays_within_one(agents, seed):
    dice = random.Random(seed)
    start = {agent.pk: dice.randint(0, 6) for agent in agents}
    for agent in agents:
        for _ in range(start[agent.pk]):
            handled(None, agent)
    done = handled(None, agents[0])
    reason = models.ClosureReason.objects.create(name="Solved")
    operations.resolve_case(done, operations.Resolution(reason, "Called the customer."), by=SYSTEM)
    cases = [make_case(by=SYSTEM) for _ in range(25)]
    choices = chosen(cases, "workload", "random")
    loads = Counter(start) + Counter(choice.user_id for choice in choices.values())
    assert sum(loads.values()) == sum(start.values()) + 25
    assert max(loads.values()) - min(loads.values()) <= 1
    assert choices == chosen(cases, "workload", "random"), "the same question has the same answer"


def test_random_shares_out_and_can_be_repeated(agents):
    cases = [make_case(by=SYSTEM) for _ in range(90)]
    choices = chosen(cases, "random")
    shares = Counter(choice.user_id for choice in choices.values())
    assert len(shares) == 3
    assert min(shares.values()) >= 10
    assert choices == chosen(cases, "random")


def test_choosing_for_thirty_costs_as_many_queries_as_for_one(agents, contact):
    unit = models.Unit.add_root(number="1", name="Here")
    cases = [make_case(contact=contact, unit=unit, by=SYSTEM) for _ in range(30)]

    def queries(asked):
        with CaptureQueriesContext(connection) as captured:
            chosen(asked, "smart", "workload")
        return len(captured)

    assert queries(cases) == queries(cases[:1]) <= 5


class Nobody(Strategy):
    """Always undecided."""

    label = "Nobody"

    @staticmethod
    def narrow(case, candidates, known):
        """Cannot tell."""
        return []


def test_a_hosts_strategy_that_never_decides_does_no_harm(agents):
    case = make_case(by=SYSTEM)
    with strategies.temporarily("nobody", Nobody):
        assert chosen([case], "nobody", "workload")[case.pk].user_id == agents[0].pk
