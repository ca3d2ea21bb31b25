"""What the trial of a policy reports is what happens when the same history is lived with the policy switched on."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.sla.terms import SETS
from case_management.trying.over_policy import NOTHING
from tests.sla.office import promise
from tests.trying.lives import another_world
from tests.trying.policy_lives import VERBS, live, make_world, reported, stands

STEPS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(sorted(VERBS)), st.integers(0, 1), st.sampled_from([0.25, 1, 2.5, 6, 19, 50])
    ),
    min_size=4,
    max_size=18,
)
HOURS = st.sampled_from([0.5, 1, 3, 12, 40])
POLICIES = st.fixed_dictionaries(
    {
        "hours": HOURS,
        "position": st.sampled_from([0, 3, 9]),
        "reopening": st.sampled_from(["restart", "continue"]),
        "pauses_for_customer": st.booleans(),
        "pauses_for_third_party": st.booleans(),
        "calendar": st.sampled_from(["always", "berlin"]),
    },
    optional={
        "first_response": HOURS,
        "next_reply": HOURS,
        "warnings": st.just("75"),
        "topics": st.just(["seat"]),
        "sources": st.just(["survey"]),
        "units": st.just(["south"]),
        "case_types": st.just(["recovery"]),
        "priorities": st.just(["normal"]),
        "contact_tags": st.just(["honoured"]),
    },
)


@pytest.fixture
def office(db, clock):
    return make_world()


def make_tried(office, facts):
    """The policy, not switched on."""
    named = {name: [getattr(office, entry) for entry in facts[name]] for name in SETS if name in facts}
    calendar = getattr(office, facts["calendar"])
    return promise(office, "Tried", **{**facts, **named, "calendar": calendar}, is_active=False)


def differing(was, would_be):
    """Clock → what differs, before and after."""
    found = {}
    for key in {*was, *would_be}:
        before, after = was.get(key, NOTHING), would_be.get(key, NOTHING)
        named = [name for name in NOTHING if name in before or name in after]
        found[key] = {
            name: (before.get(name), after.get(name))
            for name in named
            if name == "kept" or before.get(name) != after.get(name)
        }
    return found


# The wide change brings the tried policy, which goes again when it is taken back; but for that nothing differs.
THERE_AND_BACK = [(1, "open", 1, 1), (1, "hear", 0, 1), (1, "back", 0, 2.5), (1, "reply", 0, 6)]
ON_SEAT = {
    "hours": 3, "position": 0, "reopening": "restart", "pauses_for_customer": True, "pauses_for_third_party": True,
    "calendar": "always", "topics": ["seat"], "next_reply": 1,
}  # fmt: skip


# A life takes so long that shrinking one takes minutes; what fails is readable as it is.
@settings(
    max_examples=int(os.environ.get("CM_LIVES", "12")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@given(STEPS, POLICIES)
@example(THERE_AND_BACK, ON_SEAT)
def test_the_reported_promises_are_those_that_would_have_been_made(office, clock, steps, facts):
    with another_world():
        tried = make_tried(office, facts)
        models.SlaPolicy.objects.filter(pk=tried.pk).update(is_active=True)
        live(office, steps, clock)
        would_be = stands(clock)
    with another_world():
        tried = make_tried(office, facts)
        live(office, steps, clock)
        was = stands(clock)
        told, result = reported(tried, clock.now)
    expected = {case: differing(was[case], would_be[case]) for case in was}
    assert told == {case: expected[case] for case in told}
    assert all(was[case] == would_be[case] for case in was if case not in told)
    assert result.tally.get("total", "cases") == len(told)
