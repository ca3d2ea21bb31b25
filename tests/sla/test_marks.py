"""Warnings, late replies and the ladder: at their moments, in their order, and each once per clock."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import ChangeUndone, MessageReceived, MessageSent
from case_management.domain.events.repair import stored_fact
from case_management.jobs import sweep
from case_management.models.notification import Notification
from case_management.notifications import dispatch
from case_management.testing import make_user
from case_management.timeline.projection import PROJECTED, drift
from case_management.timeline.recorder import Entry, record

from .office import HOUR, MONDAY, NOTE, at, make_office, open_at, promise

pytestmark = pytest.mark.django_db
BY = Actor.system("sweep")


@pytest.fixture
def office(db):
    return make_office()


def sweep_at(hours):
    """What the sweep does at that moment; the marks it recorded, in order."""
    moment = MONDAY + timedelta(hours=hours)
    found = models.SlaClock.objects.filter(next_at__lte=moment).order_by("next_at").values_list("case_id", flat=True)
    before = set(models.CaseEvent.objects.values_list("pk", flat=True))
    operations.record_marks(set(found), by=BY.backdated(moment))
    fresh = models.CaseEvent.objects.exclude(pk__in=before).order_by("pk")
    return [(event.type, event.payload.get("metric"), event.payload.get("value", event.payload.get("level")))
            for event in fresh]  # fmt: skip


def fresh(case):
    return models.Case.objects.get(pk=case.pk)


def reply(case, hours):
    """We answer the customer."""
    case = fresh(case)
    sent = MessageSent(message=1, kind="reply", awaiting_since=None)
    record([Entry(case, [sent], at(hours))])


def hear(case, hours):
    """The customer writes."""
    case, by = fresh(case), at(hours)
    record([Entry(case, [MessageReceived(message=1, awaiting_since=case.awaiting_since or by.moment())], by)])


def clocks(case):
    rows = models.SlaClock.objects.filter(case=case).order_by("started_at", "metric")
    return [(row.metric, row.number, row.due_at and (row.due_at - MONDAY) / HOUR, row.ended_at is not None)
            for row in rows]  # fmt: skip


def test_a_policy_without_marks_has_no_rows_of_clocks(office):
    promise(office, "Plain")
    open_at(office)
    assert not models.SlaClock.objects.exists()


def test_warnings_come_at_their_shares_and_each_once(office):
    promise(office, "Standard", 10, warnings="50, 75, 90")
    case = open_at(office)
    assert sweep_at(4.9) == []
    assert sweep_at(5) == [("sla_warned", "resolve", 50)]
    assert sweep_at(7) == []
    assert sweep_at(9) == [("sla_warned", "resolve", 75), ("sla_warned", "resolve", 90)]
    assert sweep_at(99) == []
    assert drift([fresh(case)]) == []


def test_after_a_long_sleep_everything_is_caught_up_in_its_order(office):
    policy = promise(office, "Standard", 10, warnings="50", first_response=2)
    models.SlaRung.objects.create(policy=policy, level=1, minutes=60)
    models.SlaRung.objects.create(policy=policy, level=2, minutes=0)
    open_at(office)
    assert sweep_at(100) == [
        ("sla_warned", "first_response", 50),
        ("sla_response_missed", "first_response", 0),
        ("sla_warned", "resolve", 50),
        ("sla_climbed", "resolve", 2),
        ("escalated", None, 2),
        ("sla_climbed", "resolve", 1),
    ], "a case that stands higher is not escalated again"
    assert sweep_at(200) == []


def test_a_pause_moves_what_is_to_come(office):
    promise(office, "Standard", 10, warnings="50")
    case = open_at(office)
    operations.wait_case(case, waiting_for="customer", by=at(4))
    assert sweep_at(20) == []
    operations.resume_case(case, by=at(20))
    assert sweep_at(20.9) == []
    assert sweep_at(21) == [("sla_warned", "resolve", 50)]


def test_the_customers_message_ends_the_pause(office):
    promise(office, "Standard", 10, warnings="50")
    case = open_at(office)
    operations.wait_case(case, waiting_for="customer", by=at(4))
    operations.resume_case(case, by=at(6))
    assert models.SlaClock.objects.get().next_at == MONDAY + 7 * HOUR


def test_nothing_comes_of_a_case_that_is_resolved_and_a_new_clock_warns_anew(office):
    promise(office, "Standard", 10, warnings="50")
    case = open_at(office)
    assert len(sweep_at(5)) == 1
    operations.resolve_case(case := fresh(case), operations.Resolution(office.solved, NOTE), by=at(6))
    assert sweep_at(30) == []
    operations.reopen_case(case, reason=office.again, note=NOTE, by=at(30))
    assert clocks(case) == [("resolve", 1, 10, True), ("resolve", 2, 40, False)]
    assert sweep_at(35) == [("sla_warned", "resolve", 50)]


def test_a_clock_that_goes_on_after_reopening_does_not_warn_twice(office):
    promise(office, "Standard", 10, warnings="50, 90", reopening="continue")
    case = open_at(office)
    assert len(sweep_at(5)) == 1
    operations.resolve_case(case := fresh(case), operations.Resolution(office.solved, NOTE), by=at(6))
    operations.reopen_case(case, reason=office.again, note=NOTE, by=at(30))
    assert clocks(case) == [("resolve", 1, 34, False)]
    assert sweep_at(33) == [("sla_warned", "resolve", 90)]


def test_the_first_reply_stops_its_clock_and_later_ones_have_their_own(office):
    promise(office, "Standard", 100, first_response=2, next_reply=3)
    case = open_at(office)
    assert clocks(case) == [("first_response", 1, 2, False), ("resolve", 1, 100, False)]
    hear(case, 0.5)
    reply(case, 1)
    assert sweep_at(2.1) == []
    hear(case, 10)
    hear(case, 11)
    assert clocks(case)[-1] == ("next_reply", 1, 13, False)
    assert sweep_at(13) == [], "at the due date itself the promise is kept"
    assert sweep_at(13.1) == [("sla_response_missed", "next_reply", 0)]
    reply(case, 14)
    hear(case, 20)
    reply(case, 21)
    assert sweep_at(99) == []
    assert clocks(case)[-1] == ("next_reply", 2, 23, True)


def test_the_clock_of_a_reply_stands_while_the_case_waits(office):
    promise(office, "Standard", 100, first_response=2)
    case = open_at(office)
    operations.wait_case(case, waiting_for="customer", by=at(1))
    operations.resume_case(case, by=at(5))
    assert clocks(case)[0] == ("first_response", 1, 6, False)


def test_another_policy_moves_the_clock_of_a_reply_too(office):
    promise(office, "Quick", 4, priorities=[office.urgent], first_response=2)
    promise(office, "Standard", 10, position=1, first_response=8)
    case = open_at(office)
    operations.change_priority(case, priority=office.urgent, by=at(1))
    assert clocks(case) == [("first_response", 1, 2, False), ("resolve", 1, 4, False)]


def test_where_no_policy_fits_any_more_its_clocks_end(office):
    promise(office, "Quick", 4, priorities=[office.urgent], warnings="50", first_response=2)
    case = open_at(office, priority=office.urgent)
    operations.change_priority(case, priority=office.normal, by=at(1))
    assert clocks(case) == [("first_response", 1, 2, True), ("resolve", 1, 4, True)]
    assert sweep_at(50) == []


def take_back(case, before, hours):
    """The last change is undone: the facts that differ hold again."""
    case = fresh(case)
    facts = {
        name: getattr(before, name)
        for name in {*PROJECTED} - {"version", "chain_head"}
        if getattr(before, name) != getattr(case, name)
    }
    restored = {name: stored_fact(value) for name, value in facts.items()}
    record([Entry(case, [ChangeUndone(change_set=1, restored=restored)], at(hours))])


def test_where_the_change_that_brought_a_policy_is_taken_back_its_clocks_end(office):
    promise(office, "Quick", 4, priorities=[office.urgent], warnings="50", first_response=2)
    case = open_at(office)
    before = fresh(case)
    operations.change_priority(case, priority=office.urgent, by=at(1))
    assert [ended for *_clock, ended in clocks(case)] == [False]
    take_back(case, before, 2)
    assert [ended for *_clock, ended in clocks(case)] == [True]


@pytest.mark.parametrize("warnings", ["25", ""])
def test_another_policy_that_is_taken_back_leaves_the_clock_as_it_was(office, warnings):
    promise(office, "Quick", 4, priorities=[office.urgent], warnings=warnings)
    promise(office, "Standard", 10, position=1, warnings="50")
    case = open_at(office)
    before = fresh(case)
    operations.change_priority(case, priority=office.urgent, by=at(1))
    take_back(case, before, 2)
    assert clocks(case)[-1][2:] == (10, False)
    assert sweep_at(5) == [("sla_warned", "resolve", 50)]


def test_a_wait_that_is_taken_back_lets_the_clock_run_as_it_did(office):
    promise(office, "Standard", 10, warnings="50")
    case = open_at(office)
    before = fresh(case)
    operations.wait_case(case, waiting_for="customer", by=at(1))
    take_back(case, before, 2)
    assert clocks(case) == [("resolve", 1, 10, False)]
    assert sweep_at(5) == [("sla_warned", "resolve", 50)]


def test_a_resolution_that_is_taken_back_owes_the_reply_again(office):
    promise(office, "Standard", 10, first_response=4)
    case = open_at(office)
    before = fresh(case)
    operations.resolve_case(case, operations.Resolution(office.solved, NOTE), by=at(1))
    assert clocks(case) == [("first_response", 1, 4, True), ("resolve", 1, 10, True)]
    take_back(case, before, 2)
    assert clocks(case) == [("first_response", 1, 4, False), ("resolve", 1, 10, False)]
    assert sweep_at(5) == [("sla_response_missed", "first_response", 0)]


def test_the_ladder_escalates_reroutes_assigns_and_raises_the_priority(office):
    boss, team = make_user("boss"), models.Team.objects.create(name="Rescue")
    policy = promise(office, "Standard", 10)
    models.SlaRung.objects.create(policy=policy, level=1)
    models.SlaRung.objects.create(policy=policy, level=2, minutes=120, team=team, user=boss, priority=office.urgent)
    case = open_at(office)
    sweep_at(10.1)
    assert fresh(case).escalation_level == 1
    sweep_at(12)
    case = fresh(case)
    assert (case.escalation_level, case.team, case.assignee, case.priority) == (2, team, boss, office.urgent)
    assert drift([case]) == []


def test_a_priority_is_never_lowered_and_nobody_who_left_is_assigned(office):
    gone = make_user("gone", is_active=False)
    policy = promise(office, "Standard", 10)
    models.SlaRung.objects.create(policy=policy, level=1, user=gone, priority=office.normal)
    case = open_at(office, priority=office.urgent)
    assert [kind for kind, *_rest in sweep_at(11)] == ["sla_climbed", "escalated"]
    assert (fresh(case).priority, fresh(case).assignee) == (office.urgent, None)


def test_undoing_a_merge_lets_the_clock_go_on(office):
    promise(office, "Standard", 10, warnings="50")
    case, other = open_at(office), open_at(office)
    operations.merge_case(case, into=other, by=BY)
    assert models.SlaClock.objects.get(case=case).next_at is None
    operations.unmerge_case(case, by=BY)
    assert models.SlaClock.objects.get(case=case).next_at == MONDAY + 5 * HOUR


def test_the_database_refuses_a_mark_twice(office):
    promise(office, "Standard", 10, warnings="50")
    open_at(office)
    sweep_at(6)
    mark = models.SlaMark.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.SlaMark.objects.create(clock=mark.clock, kind=mark.kind, value=mark.value, at=MONDAY)


def test_the_sweep_finds_them_and_whoever_is_responsible_is_told(office, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "BACKGROUND": "manual", "CHUNK_SIZE": 2}
    promise(office, "Standard", 10, warnings="50", first_response=1)
    agent = make_user("agent", role="Case manager")
    cases = [open_at(office) for _ in range(5)]
    for case in cases:
        operations.assign_case(case, to=agent, by=BY)
    while sweep.run_sweep():
        continue
    warned = models.CaseEvent.objects.filter(type="sla_warned")
    assert warned.count() == 10 and models.SlaMark.objects.count() == 15
    dispatch.react(list(warned))
    assert Notification.objects.filter(kind="sla_warned", recipient=agent).count() == 10


def test_what_is_due_is_found_by_its_index(office):
    promise(office, "Standard", 10, warnings="50")
    open_at(office)
    due = models.SlaClock.objects.filter(next_at__lte=MONDAY).order_by("next_at", "pk").values_list("case_id")[:100]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "cm_sla_clock_next" in due.explain()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_two_schedulers_at_once_record_each_mark_once(db):
    office = make_office()
    promise(office, "Standard", 10, warnings="50, 75, 90", first_response=1)
    cases = [open_at(office).pk for _ in range(20)]
    gate, failures = threading.Barrier(3), []

    def work():
        try:
            gate.wait()
            operations.record_marks(cases, by=BY.backdated(MONDAY + 9 * HOUR))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert models.SlaMark.objects.count() == models.CaseEvent.objects.filter(type__startswith="sla_").exclude(
        type="sla_applied"
    ).count() == 20 * 7  # fmt: skip
