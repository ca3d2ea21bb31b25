"""When one fails the others go on; two workers never act twice."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.jobs import react
from case_management.models.due import DueState
from case_management.rules import engine
from case_management.rules.actions import Action, actions
from case_management.testing import make_case
from tests.rules.conftest import ALERT, OPEN, said, settle, write

SYSTEM = Actor.system("test")


class Fragile(Action):
    """Fails on what is titled "poison"."""

    label = "Fragile"

    @staticmethod
    def act(firings, parameters, *, by):
        for firing in firings:
            if firing.interaction.title == "poison":
                raise RuntimeError("I cannot read this")


def test_one_bad_interaction_does_not_stop_the_others_and_is_given_up_after_the_last_attempt(desk, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "DELIVERY_ATTEMPTS": 3}
    with actions.temporarily("fragile", Fragile):
        write("r", {"action": "fragile"}, ALERT)
        good = [said() for _ in range(4)]
        bad = said(title="poison")
        good += [said() for _ in range(4)]
        settle()
        assert models.Interaction.objects.filter(state=DueState.DONE).count() == 8
        bad.refresh_from_db()
        assert (bad.state, bad.attempts, bad.lease_until) == (DueState.PENDING, 1, None)
        assert "I cannot read this" in bad.last_error
        assert bad.available_at > timezone.now()
        for _attempt in range(2):
            models.Interaction.objects.update(available_at=timezone.now())
            settle()
        bad.refresh_from_db()
        assert (bad.state, bad.attempts) == (DueState.DEAD, 3)
    assert models.Alert.objects.count() == len(good)
    assert not bad.firings.exists(), "a firing without its effects was kept"


def test_a_failing_reactor_leaves_its_receipt_and_the_others_answer(desk):
    models.Rule.objects.create(
        key="broken", name="Broken", occasion="case_opened", actions=[{"action": "no_such_action"}]
    )
    case = make_case(topic=desk.topic, by=SYSTEM)
    operations.assign_case(case, to=desk.agents[0], by=SYSTEM)
    while react.run_reactions():
        continue
    receipt = models.ReactionReceipt.objects.get(reactor="rules")
    assert (receipt.state, receipt.attempts) == ("pending", 1)
    assert "no_such_action" in receipt.last_error
    assert models.ReactionReceipt.objects.filter(reactor="notifications", state="done").count() == 1
    assert models.Notification.objects.count() == 1


def work_together(workers=2):
    """Each in its own thread with its own connection, until there is little left; what failed is raised here."""
    start, failures = threading.Barrier(workers), []

    def work():
        try:
            start.wait(10)
            for _ in range(40):
                engine.run_interactions(limit=4)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("cadence", "expected"), [("once_per_response", 60), ("once_per_contact", 20)])
def test_two_workers_at_the_same_time_never_act_twice(postgres, desk, cadence, expected):
    rule = write("race", ALERT, OPEN, cadence=cadence)
    for contact in [models.Contact.objects.create(name=f"c{n}") for n in range(20)]:
        for _ in range(3):
            said(contact)
    work_together()
    models.Interaction.objects.filter(state="pending").update(available_at=timezone.now(), lease_until=None)
    while engine.run_interactions():
        continue
    assert not models.Interaction.objects.exclude(state="done").exists()
    assert rule.firings.count() == models.Alert.objects.count() == models.Case.objects.count() == expected
