"""Split moves what belongs to another matter; watchers and those whom a note calls on hear of a case."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.mentions import calls_in
from case_management.exceptions import GateNotMet, NothingToChange, RightMissing, ValueUnknown
from case_management.operations import Part
from case_management.testing import make_case, make_user
from tests.operations.test_unmerge import state

pytestmark = pytest.mark.django_db
NOTE = "The seat is another matter."


def said(case, hours, **facts):
    """The customer writes, so many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    row = models.Interaction.objects.create(
        source=case.source, external_id=f"s{models.Interaction.objects.count()}", comment=f"{hours} hours ago",
        occurred_at=at, available_at=at, **facts,
    )  # fmt: skip
    operations.attach_interaction(case, interaction=row, by=Actor.system("test"))
    return row


@pytest.fixture
def talk(desk, case):
    """A case with two things that the customer said, a message and a note."""
    first, second = said(case, 9, score=Decimal(3)), said(case, 4, score=Decimal(7))
    message = models.Message.objects.create(
        case=case, direction="in", sender="a@example.org", text="My seat", sent_at=timezone.now() - timedelta(hours=3)
    )
    operations.add_note(case, text=NOTE, by=desk.by)
    return first, second, message, case.notes.get()


def test_what_is_chosen_moves_and_both_cases_say_so(desk, case, talk):
    first, second, message, note = talk
    clock = case.due_at, case.sla_due_at
    part = Part.of(case, interactions=[second.pk], messages=[message.pk], notes=[note.pk])
    fresh = operations.split_case(case, part, title="Seat", by=desk.by)
    for row in (second, message, note):
        row.refresh_from_db()
        assert row.case_id == fresh.pk
    assert note.event.case_id == fresh.pk
    assert [row.pk for row in case.interactions.all()] == [first.pk]
    assert (case.due_at, case.sla_due_at) == clock
    assert case.events.get(type="split").payload["into"] == fresh.pk
    kinds = list(fresh.events.order_by("seq").values_list("type", flat=True))
    assert kinds == ["opened", "sla_applied", "split_received", "message_moved", "note_moved", "linked"]
    assert fresh.events.get(type="note_moved").payload["author"] == desk.agent.pk
    link = models.CaseLink.objects.get()
    assert (link.kind, link.case_id, link.other_id) == ("follow_up_of", fresh.pk, case.pk)
    assert "another matter" in models.CaseText.objects.get(case=fresh).said
    assert "another matter" not in models.CaseText.objects.get(case=case).said


def test_the_new_clock_starts_when_the_customer_said_it_and_both_wait_for_what_is_theirs(desk, case, talk):
    first, second, *_rest = talk
    fresh = operations.split_case(case, Part.of(case, interactions=[second.pk]), title="Seat", by=desk.by)
    assert fresh.sla_due_at - second.occurred_at.replace(microsecond=0) == timedelta(minutes=600), "in whole seconds"
    assert (fresh.awaiting_since, fresh.score) == (second.occurred_at, Decimal(7))
    assert (case.awaiting_since, case.score) == (first.occurred_at, Decimal(3))


def test_where_the_first_words_leave_the_case_waits_since_the_next(desk, case, talk):
    first, second, message, _note = talk
    operations.split_case(case, Part.of(case, interactions=[first.pk]), title="Seat", by=desk.by)
    assert case.awaiting_since == second.occurred_at
    part = Part.of(case, interactions=[second.pk], messages=[message.pk])
    operations.split_case(case, part, title="The rest", by=desk.by)
    assert (case.awaiting_since, case.score) == (None, None)


def test_split_then_merged_back_the_case_shows_no_less_and_the_merge_can_be_taken_back(desk, case, talk):
    second = talk[1]
    fresh = operations.split_case(case, Part.of(case, interactions=[second.pk]), title="Seat", by=desk.by)
    before = state(case), state(fresh)
    operations.merge_case(fresh, into=case, by=desk.by)
    assert case.awaiting_since == min(talk[0].occurred_at, second.occurred_at)
    operations.unmerge_case(fresh, by=desk.by)
    assert (state(case), state(fresh)) == before


def test_nothing_of_another_case_moves_and_nothing_moves_without_a_title_or_a_right(desk, case, talk):
    other = make_case(topic=desk.topic, priority=desk.normal, unit=desk.unit)
    with pytest.raises(ValueUnknown):
        Part.of(other, interactions=[talk[0].pk])
    with pytest.raises(ValueUnknown):
        operations.split_case(other, Part(interactions=(talk[0],)), title="Seat", by=desk.by)
    with pytest.raises(GateNotMet):
        Part.of(case)
    part = Part.of(case, interactions=[talk[1].pk])
    with pytest.raises(GateNotMet):
        operations.split_case(case, part, title=" ", by=desk.by)
    sales = Actor.from_user(make_user("sales", role="Sales agent"))
    with pytest.raises(RightMissing):
        operations.split_case(case, part, title="Seat", by=sales)
    assert models.Case.objects.count() == 2
    assert case.interactions.filter(pk=talk[1].pk).exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ann please look", ["ann"]),
        ("Ask @ann.lee, or @bob@example.org.", ["ann.lee", "bob@example.org"]),
        ("Mail ann@example.org", []),
        ("(@ann) @@ann @", ["ann"]),
        ("@ann and @ann", ["ann"]),
    ],
)
def test_calls_begin_a_word_and_addresses_are_none(text, names):
    assert [call.names[-1] for call in calls_in(text)] == names


@pytest.fixture
def colleagues(desk):
    """People who may see the desk's cases, and one who may not."""
    elsewhere = models.Unit.add_root(number="2", name="Mill")
    return {
        name: make_user(name, role="Field manager", unit=elsewhere if name == "mill" else desk.unit)
        for name in ("ann.lee", "Bo", "bo", "mill")
    }


def called(case):
    """Names of the people whom the last note calls on."""
    ids = case.events.filter(type="note_added").latest("seq").payload.get("mentions", [])
    return sorted(models.CaseWatcher._meta.get_field("user").related_model.objects.filter(pk__in=ids).values_list(
        "username", flat=True
    ))  # fmt: skip


def test_a_note_calls_on_who_may_see_the_case_and_makes_them_watch(desk, case, colleagues):
    operations.add_note(case, text="Please, @ann.lee. Also @mill and @nobody.", by=desk.by)
    assert called(case) == ["ann.lee"]
    assert list(case.watchers.values_list("user__username", "added_by__username")) == [("ann.lee", "agent")]
    assert operations.mentions_in("@mill @nobody @ANN.LEE @ann", case).unknown == ("mill", "nobody", "ann")


def test_names_that_differ_in_capitals_alone_are_meant_as_written_and_others_call_nobody(desk, case, colleagues):
    operations.add_note(case, text="@bo and @BO, have a look", by=desk.by)
    assert called(case) == ["bo"]
    assert operations.mentions_in("@BO", case).unknown == ("BO",)


def test_a_note_without_calls_says_nothing_of_them(desk, case):
    operations.add_note(case, text=NOTE, by=desk.by)
    assert case.events.get(type="note_added").payload == {}


def test_one_watches_and_lets_colleagues_watch_who_may_see_the_case(desk, case, colleagues):
    bo = Actor.from_user(colleagues["bo"])
    operations.watch_case(case, by=bo)
    operations.watch_case(case, user=colleagues["ann.lee"], by=bo)
    for user, error in (("bo", NothingToChange), ("mill", ValueUnknown)):
        with pytest.raises(error):
            operations.watch_case(case, user=colleagues[user], by=bo)
    with pytest.raises(RightMissing):
        operations.watch_case(case, by=Actor.from_user(colleagues["mill"]))
    operations.unwatch_case(case, by=bo)
    with pytest.raises(NothingToChange):
        operations.unwatch_case(case, by=bo)
    assert case.watchers.get().user == colleagues["ann.lee"]


def test_a_case_climbs_to_the_level_that_is_asked_and_comes_down_again(desk, case):
    operations.escalate_case(case, reason=NOTE, level=3, by=desk.by)
    with pytest.raises(NothingToChange):
        operations.escalate_case(case, reason=NOTE, level=3, by=desk.by)
    operations.deescalate_case(case, reason=NOTE, level=1, by=desk.by)
    assert case.escalation_level == 1
    operations.escalate_case(case, reason=NOTE, by=desk.by)
    operations.deescalate_case(case, reason=NOTE, by=desk.by)
    assert case.escalation_level == 0
    with pytest.raises(NothingToChange):
        operations.deescalate_case(case, reason=NOTE, by=desk.by)
    with pytest.raises(GateNotMet):
        operations.deescalate_case(case, reason="no", by=desk.by)


def test_the_customers_mail_ends_a_snooze_as_what_they_say_elsewhere_does(desk, case):
    operations.snooze_case(case, until=timezone.now() + timedelta(days=3), by=desk.by)
    said(case, 0)
    assert case.snoozed_until is None
    operations.snooze_case(case, until=timezone.now() + timedelta(days=3), by=desk.by)
    mail = operations.InboundMail(
        sender="a@example.org",
        to=("cases@example.org",),
        message_id="<1@example.org>",
        sent_at=timezone.now(),
        text="Hi",
    )
    operations.receive_message(operations.Thread(case), mail=mail, by=desk.by)
    case.refresh_from_db()
    assert case.snoozed_until is None
