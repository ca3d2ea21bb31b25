"""Real reviews of airline seats become cases: every unhappy passenger once, each with an agent, none twice."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.management import call_command

from case_management import models
from case_management.jobs import drain
from case_management.rules import authoring
from case_management.testing import make_topic, make_user
from case_management.testing.demo.company import RULES

pytestmark = [pytest.mark.data, pytest.mark.django_db]

CASES, ALERTS = 695, 151


@pytest.fixture
def desk(db):
    """What the demo's rules name, and four agents who cover everything."""
    make_topic("service")
    models.CaseType.objects.create(name="Guest recovery")
    for rank, name in enumerate(("Urgent", "High", "Normal"), start=1):
        models.Priority.objects.create(name=name, rank=rank, is_default=name == "Normal")
    for position, rule in enumerate(RULES):
        authoring.validate(rule["occasion"], rule["conditions"], rule["actions"])
        models.Rule.objects.create(position=position, **rule)
    return [make_user(f"agent{n}", role="Customer service agent") for n in range(4)]


def settle():
    """Every topic until nothing is due."""
    while drain.drain_all():
        continue


def ledgers():
    """How many of everything there is, so that "nothing new" has no exception."""
    kept = (models.Case, models.CaseEvent, models.Alert, models.RuleFiring, models.Notification, models.Interaction)
    return {model.__name__: model.objects.count() for model in kept}


def test_every_unhappy_passenger_becomes_one_case_with_an_agent_and_a_second_import_adds_nothing(
    desk, shared_data, mailoutbox
):
    file = str(shared_data / "skytrax_seat" / "seat.csv")
    call_command("import_responses", file, mapping="skytrax_seat", verbosity=0)
    settle()

    assert (models.Case.objects.count(), models.Alert.objects.count()) == (CASES, ALERTS)
    shares = Counter(models.Case.objects.values_list("assignee__username", flat=True))
    assert set(shares) == {agent.username for agent in desk}
    assert max(shares.values()) - min(shares.values()) <= 1
    assert models.Interaction.objects.filter(case__isnull=False).count() == CASES
    unhappy = models.Case.objects.filter(interactions__score__lte=4, interactions__case__isnull=False)
    assert unhappy.distinct().count() == CASES
    assert models.Alert.objects.filter(interaction__score__lt=9).count() == 0
    assert models.Case.objects.filter(unit=None).count() == 0
    assert len(mailoutbox) == models.Notification.objects.filter(state="done").count() == CASES

    before = ledgers()
    call_command("import_responses", file, mapping="skytrax_seat", verbosity=0)
    models.Interaction.objects.update(state="pending")  # as if every wake-up came twice
    settle()
    assert ledgers() == before
    assert len(mailoutbox) == CASES
