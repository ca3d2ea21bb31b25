"""Whoever edits history behind the program's back is found, at the first event that is not what was recorded."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent
from case_management.operations.open_case import free_references
from case_management.testing import assert_no_drift, make_case, make_user
from case_management.timeline import chain, projection

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOTE = "Called the customer."


@pytest.fixture
def lives():
    """Three cases with a dozen events each."""
    agent = make_user("agent", role="Case manager")
    urgent = models.Priority.objects.create(name="Urgent", rank=1)
    reason, again = models.ClosureReason.objects.create(name="Solved"), models.ReopenReason.objects.create(name="Not")
    category = models.TagCategory.objects.create(name="Cause")
    tag, by = models.Tag.objects.create(name="Noise", category=category), Actor.from_user(agent)
    cases = [make_case(by=SYSTEM) for _ in range(3)]
    for case in cases:
        operations.assign_case(case, to=agent, by=SYSTEM)
        operations.add_note(case, text=NOTE, by=by)
        operations.change_priority(case, priority=urgent, by=by)
        operations.tag_case(case, add=[tag], by=by)
        operations.wait_case(case, waiting_for="customer", by=by)
        operations.escalate_case(case, reason=NOTE, by=Actor.rule("r.v1"))
        operations.resolve_case(case, operations.Resolution(reason, NOTE), by=by)
        operations.reopen_case(case, reason=again, note=NOTE, by=by)
        operations.flag_case(case, by=by)
        operations.unassign_case(case, by=by)
    return cases


def edit(event, dice):
    """Change one fact of a stored event, past the model."""
    at = CaseEvent.objects.filter(pk=event.pk)
    other = CaseEvent.objects.exclude(type=event.type).first()
    changes = {
        "payload": {**event.payload, "to": 999_999},
        "type": other.type,
        "occurred_at": event.occurred_at + timedelta(microseconds=dice.choice([1, -1])),
        "recorded_at": event.recorded_at - timedelta(days=1),
        "actor_kind": "rule" if event.actor_kind != "rule" else "user",
        "actor_label": event.actor_label + " ",
        "actor_id": None if event.actor_id else models.Membership.objects.first().user_id,
        "depth": event.depth + 1,
        "caused_by_id": other.pk,
        "hash": "0" * 64,
    }
    name = dice.choice(sorted(changes))
    at.update(**{name: changes[name]})
    return event.seq


def delete(event, dice):
    models.CaseNote.objects.filter(event=event).delete()
    CaseEvent.objects.filter(pk=event.pk).delete()
    return event.seq


def delete_and_close_the_gap(event, dice):
    delete(event, dice)
    for later in CaseEvent.objects.filter(case=event.case, seq__gt=event.seq).order_by("seq"):
        CaseEvent.objects.filter(pk=later.pk).update(seq=later.seq - 1)
    return event.seq


def swap(event, dice):
    other = CaseEvent.objects.filter(case=event.case).exclude(pk=event.pk).order_by("seq")[dice.randrange(10)]
    for pk, seq in ((event.pk, 9_999), (other.pk, event.seq), (event.pk, other.seq)):
        CaseEvent.objects.filter(pk=pk).update(seq=seq)
    return min(event.seq, other.seq)


def insert(event, dice):
    """A forged event takes the place, with the hash of its neighbour; everything behind it moves up."""
    for later in CaseEvent.objects.filter(case=event.case, seq__gte=event.seq).order_by("-seq"):
        CaseEvent.objects.filter(pk=later.pk).update(seq=later.seq + 1)
    forged = CaseEvent.objects.get(pk=event.pk)
    forged.pk, forged.seq, forged.payload = None, event.seq, {"to": 999_999}
    forged.save(force_insert=True)
    return event.seq


def move_to_another_case(event, dice):
    other = Case.objects.exclude(pk=event.case_id).first()
    CaseEvent.objects.filter(pk=event.pk).update(case=other, seq=other.version + 1)
    return event.seq


def cut_the_tail(event, dice):
    for later in CaseEvent.objects.filter(case=event.case, seq__gte=event.seq):
        delete(later, dice)
    return event.seq


def cut_the_tail_and_mend_the_version(event, dice):
    seq = cut_the_tail(event, dice)
    Case.objects.filter(pk=event.case_id).update(version=seq - 1)
    return seq


WAYS = (
    edit, edit, edit, delete, delete_and_close_the_gap, swap, insert, move_to_another_case, cut_the_tail,
    cut_the_tail_and_mend_the_version,
)  # fmt: skip


def test_a_hundred_tamperings_are_each_found_at_the_first_event_that_was_touched(lives):
    assert chain.verify(lives) == []
    for seed in range(100):
        dice, tamper = random.Random(seed), WAYS[seed % len(WAYS)]
        case = dice.choice(lives)
        event = dice.choice(list(case.events.order_by("seq")))
        with transaction.atomic():
            expected = tamper(event, dice)
            found = {broken.reference: broken.seq for broken in chain.verify(Case.objects.all())}
            transaction.set_rollback(True)
        assert found.pop(case.reference) == expected, (tamper.__name__, seed)
        assert len(found) == (1 if tamper is move_to_another_case else 0), (tamper.__name__, seed)


@pytest.mark.drifts_on_purpose
def test_without_the_key_nobody_can_mend_the_chain_that_they_broke(lives, settings):
    case = lives[0]
    genuine = settings.CASE_MANAGEMENT
    settings.CASE_MANAGEMENT = {**genuine, "TIMELINE_KEY": "a guess"}
    previous = ""
    for event in case.events.order_by("seq"):
        previous = chain.link(previous, case.reference, event)
        CaseEvent.objects.filter(pk=event.pk).update(hash=previous)
    Case.objects.filter(pk=case.pk).update(chain_head=previous)
    assert chain.verify(Case.objects.filter(pk=case.pk)) == []
    settings.CASE_MANAGEMENT = genuine
    assert [(broken.reference, broken.seq) for broken in chain.verify(Case.objects.all())] == [(case.reference, 1)]


@pytest.mark.drifts_on_purpose
def test_the_command_names_the_first_bad_event_and_fails(lives):
    CaseEvent.objects.filter(case=lives[1], seq=3).update(actor_label="somebody else")
    said = StringIO()
    with pytest.raises((CommandError, SystemExit)):
        call_command("verify_timeline", stdout=said, stderr=said)
    assert lives[1].reference in said.getvalue()
    assert "3" in said.getvalue()
    assert lives[0].reference not in said.getvalue()


EDITS = {
    "status": "closed", "assignee_id": None, "priority_rank": 7, "escalation_level": 0, "flagged": False,
    "reopen_count": 5, "closure_reason_id": None, "version": 99, "chain_head": "", "waiting_for": "",
}  # fmt: skip


@pytest.mark.drifts_on_purpose
@pytest.mark.parametrize("name", sorted(set(EDITS) - {"status", "waiting_for", "assignee_id"}))
def test_a_row_edited_by_hand_is_named_with_both_values(lives, name):
    case = lives[2]
    Case.objects.filter(pk=case.pk).update(**{name: EDITS[name]})
    (line,) = projection.drift(Case.objects.all())
    assert line.startswith(f"{case.reference}.{name}: row has {EDITS[name]!r}, events say ")
    with pytest.raises(AssertionError, match=case.reference):
        assert_no_drift()


@pytest.mark.drifts_on_purpose
def test_tags_put_on_by_hand_and_a_case_without_events_are_named(lives):
    category = models.TagCategory.objects.get()
    models.CaseTag.objects.create(case=lives[0], tag=models.Tag.objects.create(name="By hand", category=category))
    bare = Case.objects.create(
        reference="B222-222", source=models.Source.objects.get(), title="x", opened_at=lives[0].opened_at,
        updated_at=lives[0].updated_at,
    )  # fmt: skip
    lines = "\n".join(projection.drift(Case.objects.all()))
    assert f"{lives[0].reference}.tags: row has" in lines
    assert f"{bare.reference}: no events" in lines


def test_a_note_is_redacted_without_breaking_the_chain(lives):
    models.CaseNote.objects.update(text="[removed]")
    models.Contact.objects.update(name="")
    assert chain.verify(Case.objects.all()) == []
    assert not any(NOTE in json.dumps(event.payload) for event in CaseEvent.objects.all())


def test_twenty_thousand_references_are_all_different_and_avoid_those_that_are_taken():
    taken = make_case(by=SYSTEM).reference
    found = free_references(20_000)
    assert len(set(found)) == 20_000
    assert taken not in found
    assert {len(reference) for reference in found} == {8}
