"""Watchers and those whom a note calls on are told, once each, of what others do, as long as they may see the case."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Notification
from case_management.testing import make_case, make_user
from tests.notifications.conftest import deliver_now, react_all

NOTE = "Nobody has answered."


@pytest.fixture
def team(desk):
    """A case at the harbour; wanda watches it, ann works it, and an outsider watches without a right."""
    case = make_case(unit=desk.unit, by=Actor.system("test"))
    wanda, ann = (make_user(name, role="Field manager", unit=desk.unit) for name in ("wanda", "ann"))
    outsider = make_user("outsider", role="Field manager", unit=models.Unit.add_root(number="9", name="Mill"))
    operations.watch_case(case, by=Actor.from_user(wanda))
    models.CaseWatcher.objects.create(case=case, user=outsider)
    return SimpleNamespace(case=case, wanda=Actor.from_user(wanda), ann=Actor.from_user(ann), agent=desk.agent)


def told(username):
    """Kinds of what somebody is told, in order; what is kept back with its reason."""
    rows = Notification.objects.filter(recipient__username=username).order_by("event")
    return [row.reason or row.kind for row in rows]


def test_watchers_are_told_of_each_kind_of_thing_and_not_of_their_own_acts(team):
    case, ann = team.case, team.ann
    reason = models.ClosureReason.objects.create(name="Solved")
    again = models.ReopenReason.objects.create(name="Not solved")
    said = models.Interaction.objects.create(
        source=case.source, external_id="1", occurred_at=timezone.now(), available_at=timezone.now()
    )
    operations.attach_interaction(case, interaction=said, by=Actor.system("test"))
    operations.add_note(case, text=NOTE, by=ann)
    operations.add_note(case, text=NOTE, by=team.wanda)
    operations.escalate_case(case, reason=NOTE, by=ann)
    operations.resolve_case(case, operations.Resolution(reason, NOTE), by=ann)
    operations.reopen_case(case, reason=again, note=NOTE, by=ann)
    react_all()
    # As a manager of the unit wanda is told of the escalation anyway: once.
    assert told("wanda") == [
        "watched_customer", "watched_note", "own_action", "escalated", "watched_status", "watched_status",
    ]  # fmt: skip
    escalated = Notification.objects.get(recipient__username="wanda", kind="escalated")
    assert escalated.context == {"also": ["watched_escalation"]}, "and it is kept that one letter stands for two"
    assert told("ann") == ["own_action"]


def test_who_is_called_on_is_told_so_and_not_of_the_note_again(team, mailoutbox):
    operations.add_note(team.case, text="What do you think, @wanda?", by=team.ann)
    react_all()
    deliver_now()
    assert told("wanda") == ["mentioned"]
    (letter,) = mailoutbox
    assert (letter.to, letter.subject) == (["wanda@example.org"], f"[{team.case.reference}] ann calls on you: A case")
    assert "ann calls on you in a note." in letter.body


def test_whoever_may_not_see_the_case_gets_nothing(team, mailoutbox):
    operations.add_note(team.case, text=NOTE, by=team.ann)
    react_all()
    models.Membership.objects.filter(user=team.wanda.user).delete()
    deliver_now()
    assert (told("wanda"), told("outsider"), mailoutbox) == (["no_right"], ["no_right"], [])


def test_each_kind_can_be_muted(team, mailoutbox):
    models.Preferences.objects.create(user=team.wanda.user, muted=["watched_note"])
    operations.add_note(team.case, text=NOTE, by=team.ann)
    react_all()
    deliver_now()
    assert (told("wanda"), mailoutbox) == (["muted"], [])


def test_who_watched_a_merged_case_hears_of_the_one_in_which_it_goes_on(team):
    target = make_case(unit=team.case.unit, by=Actor.system("test"))
    operations.merge_case(team.case, into=target, by=Actor.from_user(team.agent))
    operations.add_note(target, text=NOTE, by=team.ann)
    react_all()
    assert told("wanda") == ["watched_note"]


def test_what_nobody_watches_costs_no_row(desk):
    case = make_case(unit=desk.unit, by=Actor.system("test"))
    operations.add_note(case, text=NOTE, by=Actor.system("test"))
    react_all()
    assert not Notification.objects.exists()
