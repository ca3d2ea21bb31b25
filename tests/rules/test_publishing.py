"""Where a version of a rule stands, and what moves with it: the version before, the database's switch, the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from case_management.exceptions import InvalidConfiguration, RightMissing, RuleNotInState
from case_management.models import Rule, RuleClock, Settings
from case_management.rules import publishing
from case_management.rules.differences import differences
from case_management.testing import make_user
from tests.rules.conftest import write

NOTE = {"action": "flag"}
FLAGGED = {"field": "flagged", "op": "is", "value": True}
WAITS = {"occasion": "time_passed", "timing": {"since": "opened_at", "after": "1 hours"}}


def drafted(rule, **changes):
    changed = Rule.objects.get(pk=rule.pk)
    for name, value in changes.items():
        setattr(changed, name, value)
    return publishing.save_draft(changed)


@pytest.mark.parametrize(("state", "is_active"), [("published", False), ("draft", True), ("retired", True)])
def test_the_database_keeps_switched_on_and_published_the_same(db, state, is_active):
    rule = write("seat", NOTE, occasion="case_opened")
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(state=state, is_active=is_active)


def test_a_draft_leaves_the_live_version_alone_until_it_is_published(db):
    live = write("seat", NOTE, occasion="case_opened")
    draft = drafted(live, name="Seats")
    again = drafted(draft, name="Seats first")
    assert (draft.pk, draft.version) == (again.pk, 2), "one draft of a key"
    assert list(Rule.objects.live("case_opened")) == [live]
    publishing.publish(again)
    assert [rule.name for rule in Rule.objects.live("case_opened")] == ["Seats first"]
    assert list(Rule.objects.order_by("version").values_list("state", "is_active")) == [
        ("retired", False), ("published", True),
    ]  # fmt: skip


def test_what_cannot_be_carried_out_is_neither_submitted_nor_published(db):
    draft = drafted(write("seat", NOTE, occasion="case_opened"), actions=[])
    for step in (publishing.submit, publishing.to_shadow, publishing.publish):
        with pytest.raises(InvalidConfiguration):
            step(draft)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_each_step_starts_from_where_it_may(db):
    draft = drafted(write("seat", NOTE, occasion="case_opened"))
    publishing.submit(draft)
    publishing.back_to_draft(draft)
    publishing.to_shadow(draft)
    publishing.retire(draft)
    for step in (publishing.submit, publishing.back_to_draft, publishing.to_shadow, publishing.retire):
        with pytest.raises(RuleNotInState) as error:
            step(draft)
        assert "Retired" in error.value.message
    assert publishing.publish(draft).is_active, "an older version may come back"


def test_a_version_that_waits_for_the_same_goes_on_where_the_one_before_stopped(db):
    live = write("late", NOTE, **WAITS)
    now = timezone.now()
    publishing.publish(live, now=now - timedelta(days=1))
    publishing.publish(drafted(live, actions=[{"action": "escalate", "reason": "Nobody answered."}]), now=now)
    clock = RuleClock.objects.get()
    assert (clock.rule.version, clock.asked_until) == (2, now - timedelta(days=1))


def test_a_version_that_waits_for_something_else_starts_when_it_is_published(db):
    live = write("late", NOTE, **WAITS)
    now = timezone.now()
    publishing.publish(live, now=now - timedelta(days=1))
    draft = drafted(live, timing={"since": "opened_at", "after": "2 hours"})
    publishing.publish(draft, now=now)
    clock = RuleClock.objects.get()
    assert (clock.rule, clock.started_at) == (draft, now)
    publishing.retire(draft)
    assert not RuleClock.objects.exists()


def test_of_two_who_publish_one_draft_one_wins_and_the_other_is_told(db):
    live = write("seat", NOTE, occasion="case_opened")
    draft = drafted(live)
    mine, yours = Rule.objects.get(pk=draft.pk), Rule.objects.get(pk=draft.pk)
    publishing.publish(mine, over=1)
    with pytest.raises(RuleNotInState) as error:
        publishing.publish(yours, over=1)
    assert "Version 2 was published" in error.value.message
    with pytest.raises(RuleNotInState):
        publishing.publish(yours)
    assert [step.kind for step in draft.steps.all()] == ["saved", "published"]
    assert [step.kind for step in live.steps.all()] == ["retired"]


def test_who_wrote_a_version_does_not_approve_it(db):
    settings = Settings.load()
    settings.rules_need_approval = True
    settings.save()
    author, other = make_user("author", role="Case manager"), make_user("other", role="Case manager")
    agent = make_user("agent", role="Customer service agent")
    draft = publishing.save_draft(Rule(key="seat", name="Seat", occasion="case_opened", actions=[NOTE]), by=author)
    with pytest.raises(RightMissing):
        publishing.publish(draft, by=other)
    publishing.submit(draft, by=author)
    for person in (author, agent):
        with pytest.raises(RightMissing):
            publishing.publish(draft, by=person)
    with pytest.raises(RightMissing):
        publishing.refuse(draft, by=agent, reason="No.")
    with pytest.raises(InvalidConfiguration):
        publishing.refuse(draft, by=other, reason="")
    publishing.publish(draft, by=other)
    assert [(step.kind, step.by) for step in draft.steps.all()] == [
        ("saved", author), ("submitted", author), ("approved", other), ("published", other),
    ]  # fmt: skip


def test_the_differences_of_two_versions_are_said_in_words(db):
    before = write(
        "seat", NOTE, occasion="case_opened",
        conditions={"all": [{"field": "score", "op": "lte", "value": 4}, FLAGGED]},
    )  # fmt: skip
    after = drafted(before, conditions=FLAGGED, cadence="every_time")
    found = {one.label: (one.gone, one.came) for one in differences(before, after)}
    assert found == {
        "Conditions": (["latest score is at most 4"], []),
        "How often": (["Once per response or case"], ["Every time"]),
    }
    assert differences(before, before) == []
    unreadable = Rule(name=before.name, occasion="case_opened", conditions={"field": "gone"}, actions=[NOTE])
    assert "Not usable" in differences(before, unreadable)[0].came[0]
