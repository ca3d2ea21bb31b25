"""Each strategy by itself, who is passed over and why, and the law of fairness on workloads drawn at random."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_management import models, operations
from case_management.access import Coverage
from case_management.assignment import Chain, Known, Options, Roster, Setting, choose, in_order, pick
from case_management.assignment.roster import Away
from case_management.domain.actor import Actor
from case_management.models.agent import Absence, AgentProfile, Skill
from case_management.testing import make_case, make_topic, make_user

SYSTEM = Actor.system("test")
NOW = datetime(2026, 8, 5, 12, tzinfo=UTC)


def a_case(number=1, rank=3, **facts):
    """A case as strategies see it, without a database."""
    plain = {"pk": number, "reference": f"R-{number}", "version": 1, "priority_rank": rank, "custom": {}}
    return SimpleNamespace(**{**plain, "contact_id": None, "topic_id": None, "case_type_id": None, **facts})


LOADS = st.lists(st.integers(0, 12), min_size=2, max_size=6)


@given(loads=LOADS, cases=st.integers(1, 40), last=st.sampled_from(["random", "round_robin"]))
def test_workload_keeps_whoever_gets_a_case_within_one_of_the_least(loads, cases, last):
    known = Known(workloads=dict(enumerate(loads)))
    names = {user: f"u{user}" for user in known.workloads}
    given_to = set()
    for number in range(cases):
        case = a_case(number)
        choice = pick(case, names, ["workload", last], known)
        known.took(choice.user_id, case)
        given_to.add(choice.user_id)
        least = min(known.workloads.values())
        assert all(known.workloads[user] <= least + 1 for user in given_to)
    assert sum(known.workloads.values()) == sum(loads) + cases
    if sum(max(loads) - load for load in loads) <= cases:
        assert max(known.workloads.values()) - min(known.workloads.values()) <= 1


@given(
    people=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), min_size=2, max_size=5), cases=st.integers(1, 40)
)
def test_nobody_gets_more_than_their_capacity_and_those_with_room_stay_even(people, cases):
    loads, capacities = dict(enumerate(load for load, _ in people)), dict(enumerate(most for _, most in people))
    known = Known(workloads=dict(loads), roster=Roster(capacities=capacities))
    names = {user: f"u{user}" for user in loads}
    room = sum(max(capacities[user] - loads[user], 0) for user in loads)
    given_away = 0
    for number in range(cases):
        free = {user: known.workloads[user] for user in loads if known.workloads[user] < capacities[user]}
        choice = pick(a_case(number), names, ["workload", "random"], known)
        assert (choice.user_id is None) == (not free)
        if choice.user_id is None:
            assert {entry["why_not"] for entry in choice.passed_over} == {"full"}
            continue
        assert free[choice.user_id] == min(free.values())
        known.took(choice.user_id, a_case(number))
        given_away += 1
    assert given_away == min(cases, room)
    assert all(known.workloads[user] <= max(capacities[user], loads[user]) for user in loads)


@given(ranks=st.lists(st.sampled_from([1, 2, 3, 4, 99]), min_size=1, max_size=60), people=st.integers(2, 5))
def test_weighed_workloads_differ_by_one_heavy_case_at_most(ranks, people):
    known = Known(options=Options(weighs_priority=True))
    names = {user: f"u{user}" for user in range(people)}
    for number, rank in enumerate(ranks):
        case = a_case(number, rank)
        known.took(pick(case, names, ["workload"], known).user_id, case)
    weights = [known.load_of(user) for user in names]
    assert sum(weights) == sum({1: 4, 2: 3, 3: 2}.get(rank, 1) for rank in ranks)
    assert max(weights) - min(weights) <= 4


@given(people=st.integers(1, 6), cases=st.integers(1, 30))
def test_round_robin_goes_round(people, cases):
    known, names = Known(), {user: f"u{user}" for user in range(people)}
    order = []
    for number in range(cases):
        order.append(pick(a_case(number), names, ["round_robin"], known).user_id)
        known.took(order[-1])
    assert order == [number % people for number in range(cases)]


def test_random_keeps_its_seed_and_the_seed_repeats_the_pick():
    names = {user: f"u{user}" for user in range(9)}
    choice = pick(a_case(7), names, ["random"], Known())
    assert choice.steps[0]["seed"] == "R-7/1"
    assert choice == pick(a_case(7), names, ["random"], Known())
    assert len({pick(a_case(7, version=n), names, ["random"], Known()).user_id for n in range(40)}) > 3


def test_a_substitute_stands_in_for_smart_and_for_the_field_and_substitutes_may_be_away_too():
    names = {user: f"u{user}" for user in range(4)}
    away = {1: Away(date(2026, 8, 14), 2), 2: Away(date(2026, 8, 7), 3)}
    known = Known(previous={5: 1}, roster=Roster(away=away), options=Options(user_field="keeper"))
    smart = pick(a_case(contact_id=5), names, ["smart"], known)
    assert (smart.user_id, smart.strategy) == (3, "smart")
    assert [(entry["user"], entry["why_not"], entry["until"]) for entry in smart.passed_over] == [
        ("u1", "absent", "2026-08-14"), ("u2", "absent", "2026-08-07"),
    ]  # fmt: skip
    named = pick(a_case(custom={"keeper": 1}), names, ["user_field", "random"], known)
    assert (named.user_id, named.strategy) == (3, "user_field")


def test_substitutes_in_a_ring_are_nobody():
    away = {1: Away(date(2026, 8, 14), 2), 2: Away(date(2026, 8, 14), 1)}
    assert Known(roster=Roster(away=away)).present(1) is None


def test_the_order_of_strategies_is_fixed():
    assert in_order(["random", "workload", "smart", "user_field"]) == ["user_field", "smart", "workload", "random"]


@pytest.fixture
def agents(db):
    return [make_user(name, role="Customer service agent") for name in ("ann", "ben", "cat")]


def chosen(case, *chain, options=None, open_calendars=None):
    """The choice under the conditions of today."""
    setting = Setting(Chain(chain, options or Options()), Roster.load(NOW, open_calendars or {}))
    return choose([case], chain, Coverage.load("resolve_case", [case]), setting)[case.pk]


def test_skills_are_needed_by_topic_and_below_and_by_type(agents):
    topic = make_topic("flight")
    below = models.Topic.objects.get(pk=topic.pk).add_child(name="Seat", key="seat")
    french, refunds = Skill.objects.create(name="French"), Skill.objects.create(name="Refunds")
    french.topics.add(topic)
    refund = models.CaseType.objects.create(name="Refund")
    refunds.case_types.add(refund)
    for agent, skills in zip(agents, ([french], [french, refunds], []), strict=True):
        AgentProfile.objects.create(user=agent).skills.set(skills)
    case = make_case(topic=below, case_type=refund, by=SYSTEM)
    assert chosen(case, "skills").steps[0]["left"] == ["ben"]
    assert chosen(make_case(topic=below, by=SYSTEM), "skills").steps[0]["left"] == ["ann", "ben"]
    assert chosen(make_case(by=SYSTEM), "skills").steps[0]["left"] == ["ann", "ben", "cat"]
    only = chosen(case, "workload", options=Options(needs_skills=True))
    assert (only.user_id, {entry["why_not"] for entry in only.passed_over}) == (agents[1].pk, {"skills"})


def test_without_anybody_skilled_the_others_are_taken_unless_the_chain_insists(agents):
    Skill.objects.create(name="French").topics.add(make_topic())
    case = make_case(by=SYSTEM)
    assert chosen(case, "skills", "workload").user_id == agents[0].pk
    assert chosen(case, "skills", "workload", options=Options(needs_skills=True)).user_id is None


def test_absence_begins_and_ends_by_the_days_of_ones_own_time_zone(agents):
    far = models.BusinessCalendar.objects.create(name="Auckland", timezone="Pacific/Auckland")
    AgentProfile.objects.create(user=agents[0], calendar=far)
    for agent in agents[:2]:
        Absence.objects.create(user=agent, first_day="2026-08-06", last_day="2026-08-06")
    # At noon of the fifth in London it is the sixth in Auckland.
    assert set(Roster.load(NOW, {}).away) == {agents[0].pk}
    assert set(Roster.load(NOW + timedelta(days=1), {}).away) == {agents[1].pk}


def test_who_is_outside_their_hours_or_not_available_is_passed_over_by_name(agents):
    calendar = models.BusinessCalendar.objects.create(name="Office")
    AgentProfile.objects.create(user=agents[0], calendar=calendar)
    models.Membership.objects.filter(user=agents[1]).update(is_available=False)
    choice = chosen(make_case(by=SYSTEM), "workload", open_calendars={calendar.pk: False})
    assert choice.user_id == agents[2].pk
    assert [(entry["user"], entry["why_not"]) for entry in choice.passed_over] == [
        ("ben", "unavailable"), ("ann", "hours"),
    ]  # fmt: skip
    assert chosen(make_case(by=SYSTEM), "workload", open_calendars={calendar.pk: True}).user_id == agents[0].pk


def test_smart_forgets_whose_cases_were_done_before_its_window(agents):
    contact = models.Contact.objects.create(name="Robin Reed")
    old = make_case(contact=contact, by=SYSTEM)
    operations.assign_case(old, to=agents[2], by=SYSTEM)
    reason = models.ClosureReason.objects.create(name="Solved")
    operations.resolve_case(old, operations.Resolution(reason, "Called the customer."), by=SYSTEM)
    done = models.Case.objects.get(pk=old.pk).resolved_at
    case = make_case(contact=contact, by=SYSTEM)
    window = {"within": Options.within(1, done), "past": Options.within(1, done + timedelta(days=2))}
    assert chosen(case, "smart", options=window["within"]).user_id == agents[2].pk
    assert chosen(case, "smart", options=window["past"]).steps[0]["left"] == []
    assert Options.within(0, done).smart_since is None
