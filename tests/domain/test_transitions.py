"""The table: which verb may happen from which status, and where it leads."""

from __future__ import annotations

import pytest

from case_management.domain import transitions
from case_management.domain.states import OPEN, Status
from case_management.exceptions import TransitionNotAllowed

NEW, WORK, WAIT, DONE, SHUT = Status
EXPECTED = {
    "change_contact": (set(Status), None),
    "start": ({NEW}, WORK),
    "wait": ({NEW, WORK}, WAIT),
    "resume": ({WAIT}, WORK),
    "resolve": ({NEW, WORK, WAIT}, DONE),
    "reopen": ({DONE, SHUT}, WORK),
    "close": ({DONE}, SHUT),
    "merge": ({NEW, WORK, WAIT}, SHUT),
    "unmerge": ({SHUT}, None),
    "split": ({NEW, WORK, WAIT, DONE}, None),
    "link": (set(Status), None),
    "unlink": (set(Status), None),
    "undo": (set(Status), None),
    "assign": (set(OPEN), None),
    "unassign": (set(OPEN), None),
    "reroute": (set(OPEN), None),
    "escalate": (set(OPEN), None),
    "correct": (set(OPEN), None),
    "mark": (set(OPEN), None),
    "recount": (set(OPEN), None),
    "deescalate": (set(OPEN), None),
    "note": ({NEW, WORK, WAIT, DONE}, None),
    "reply": ({NEW, WORK, WAIT, DONE}, None),
    "forward": ({NEW, WORK, WAIT, DONE}, None),
    "receive": (set(OPEN), None),
    "receive_internal": (set(Status), None),
    "cancel_message": (set(Status), None),
    "send_again": ({NEW, WORK, WAIT, DONE}, None),
    "record_sending": (set(Status), None),
    "tag": ({NEW, WORK, WAIT, DONE}, None),
    "stop_rules": ({NEW, WORK, WAIT, DONE}, None),
}


@pytest.mark.parametrize("verb", EXPECTED)
@pytest.mark.parametrize("status", Status)
def test_a_verb_is_possible_exactly_where_the_life_cycle_says(verb, status):
    sources, target = EXPECTED[verb]
    if status in sources:
        step = transitions.require(verb, status)
        assert step.leads_to(status) == (target or status)
    else:
        with pytest.raises(TransitionNotAllowed) as refusal:
            transitions.require(verb, status)
        assert refusal.value.details["possible"] == [step.verb for step in transitions.possible_from(status)]


def test_a_closed_case_is_locked_but_for_reopening_flags_links_and_repairs():
    repairs = {"undo", "replace_entry", "change_contact", "unmerge", "link", "unlink"}
    #: What was written before is sent or stopped, and what others answer to it is kept.
    mail = {"cancel_message", "record_sending", "receive_internal"}
    possible = {step.verb for step in transitions.possible_from(Status.CLOSED)}
    assert possible == {"reopen", "flag", "unflag", *repairs, *mail}


def test_every_step_names_a_right_that_the_case_model_or_the_contact_has():
    from case_management.models import Case

    known = {codename for codename, _ in Case._meta.permissions}
    known |= {f"{action}_case" for action in ("add", "change", "view", "delete")} | {"change_contact"}
    assert {step.permission for step in transitions.TABLE.values()} <= known
