"""A wide change is fixed when it is confirmed, is worked off in chunks that are whole, and only by who holds it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.bulk import run as running
from case_management.bulk.actions import actions, offered_to
from case_management.bulk.preview import preview
from case_management.bulk.run import purge_rows, run_change, run_now
from case_management.bulk.selection import Selection
from case_management.bulk.start import start, start_undo
from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange, RightMissing, SelectionChanged, ValueUnknown
from case_management.jobs.changes import run_changes
from case_management.jobs.drain import drain_all
from case_management.models.change_set import RowState
from case_management.models.due import LeaseLost
from case_management.testing import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_chunks(settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 2}


def ticked(user, cases) -> Selection:
    return Selection(user, references=tuple(case.reference for case in cases))


def flag_all(company, cases):
    return start("flag", {}, ticked(company.ann, cases), expected=len(cases))


def test_all_that_match_are_fixed_when_confirmed_and_later_cases_stay_out(company, cases):
    everything = Selection(company.ann, query="status=new")
    change = start("flag", {}, everything, expected=6)
    late = make_case(topic=company.seat, priority=company.normal, unit=company.harbour)
    run_now(change)
    late.refresh_from_db()
    assert (change.done, late.flagged) == (6, False)


def test_a_number_that_is_not_what_was_shown_starts_nothing(company, cases):
    with pytest.raises(SelectionChanged) as refusal:
        start("flag", {}, Selection(company.ann, query="status=new"), expected=5)
    assert refusal.value.details["total"] == 6
    assert not models.ChangeSet.objects.exists()


def test_a_filter_that_cannot_be_read_chooses_nothing(company, cases):
    with pytest.raises(ValueUnknown):
        start("flag", {}, Selection(company.ann, query="statsu=new"), expected=6)


def test_cases_that_somebody_may_not_see_are_never_chosen(company, cases, elsewhere):
    both = ticked(company.ann, [cases[0], elsewhere])
    assert both.ignored == 1
    change = start("flag", {}, both, expected=1)
    run_now(change)
    elsewhere.refresh_from_db()
    assert (change.total, elsewhere.flagged) == (1, False)


def test_who_only_looks_is_offered_only_what_everybody_may(company, cases):
    assert [action.key for action in offered_to(company.vera)] == ["flag_mine", "unflag_mine"]
    with pytest.raises(RightMissing):
        start("flag", {}, ticked(company.vera, cases), expected=6)


def test_a_right_that_was_lost_before_the_run_is_missing_for_each_row(company, cases):
    change = flag_all(company, cases)
    models.Membership.objects.filter(user=company.ann).update(unit=company.south)
    run_now(change)
    assert (change.done, change.refused) == (0, 6)
    assert set(change.rows.values_list("code", flat=True)) == {"right_missing"}


def test_a_preview_says_what_the_run_then_does(company, cases):
    by = Actor.from_user(company.ann)
    operations.flag_case(cases[0], by=by)
    found = preview(actions.get("flag"), {}, ticked(company.ann, cases))
    assert (found.total, found.ready, found.not_ready, found.is_exact) == (6, 5, 1, True)
    assert [(reason.count, reason.examples) for reason in found.reasons] == [(1, [cases[0].reference])]
    change = flag_all(company, cases)
    run_now(change)
    assert (change.done, change.refused) == (5, 1)
    refused = change.rows.get(state=RowState.REFUSED)
    assert (refused.case_id, refused.message) == (cases[0].pk, found.reasons[0].message)


def test_above_the_cap_a_preview_looks_at_the_first_and_says_so(company, cases, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "LIST_COUNT_CAP": 4}
    found = preview(actions.get("flag"), {}, Selection(company.ann, query=""))
    assert (found.total, found.checked, found.ready, found.is_exact) == (6, 4, 4, False)


def test_a_chunk_that_fails_leaves_nothing_and_the_next_worker_goes_on(company, cases, small_chunks, monkeypatch):
    change = flag_all(company, cases)
    (mine,) = models.ChangeSet.objects.claim(timezone.now(), 1)
    real, calls = running._write_results, []

    def fail_in_the_second(rows, outcome):
        calls.append(rows)
        if len(calls) == 2:
            raise RuntimeError
        return real(rows, outcome)

    monkeypatch.setattr(running, "_write_results", fail_in_the_second)
    with pytest.raises(RuntimeError):
        run_change(mine)
    monkeypatch.undo()
    change.refresh_from_db()
    assert (change.done, models.CaseEvent.objects.filter(type="flagged").count()) == (2, 2)
    assert run_changes(timezone.now() + timedelta(minutes=5)) == 1
    change.refresh_from_db()
    assert (change.state, change.done, change.attempts) == ("done", 6, 2)
    assert models.CaseEvent.objects.filter(type="flagged").count() == 6


def test_a_worker_that_was_overtaken_writes_nothing_more(company, cases, small_chunks):
    flag_all(company, cases)
    (slow,) = models.ChangeSet.objects.claim(timezone.now(), 1)
    (quick,) = models.ChangeSet.objects.claim(timezone.now() + timedelta(minutes=5), 1)
    with pytest.raises(LeaseLost):
        run_change(slow)
    assert not models.CaseEvent.objects.filter(type="flagged").exists()
    run_change(quick)
    assert models.CaseEvent.objects.filter(type="flagged").count() == 6


@pytest.mark.django_db(transaction=True)
def test_an_idle_worker_helps_with_the_rows_that_nobody_has_in_hand(company, cases, settings, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("skipped: needs PostgreSQL (pytest --database postgres)")
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 1}
    change = flag_all(company, cases)
    (mine,) = models.ChangeSet.objects.claim(timezone.now(), 1)
    real, helped = running._write_results, []

    def help_once():
        helped.append(running.help_change(timezone.now()))
        connection.close()

    def while_the_other_helps(rows, outcome):
        if not helped:
            monkeypatch.undo()
            helper = threading.Thread(target=help_once)
            helper.start()
            helper.join(timeout=30)
        return real(rows, outcome)

    monkeypatch.setattr(running, "_write_results", while_the_other_helps)
    run_change(mine)
    change.refresh_from_db()
    assert helped == [5]
    assert (change.state, change.done, change.refused) == ("done", 6, 0)
    assert models.CaseEvent.objects.filter(type="flagged").count() == 6


def test_nobody_helps_with_what_nobody_leads_or_one_does_quickly_alone(company, cases, settings):
    flag_all(company, cases)
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 1}
    assert running.help_change(timezone.now()) == 0
    models.ChangeSet.objects.claim(timezone.now(), 1)
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": 2}
    assert running.help_change(timezone.now()) == 0


def test_workers_do_what_is_too_large_for_a_request(company, cases, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "BULK_INLINE": 5}
    change = flag_all(company, cases)
    drain_all()
    change.refresh_from_db()
    assert (change.state, change.done) == ("done", 6)


def test_what_forbids_the_step_as_such_is_the_reason_of_every_row(company, cases):
    change = start("set_topic", {"topic": company.food.pk}, ticked(company.ann, cases), expected=6)
    models.Topic.objects.filter(pk=company.food.pk).update(is_active=False)
    run_now(change)
    assert (change.done, change.refused) == (0, 6)
    assert set(change.rows.values_list("code", flat=True)) == {"value_unknown"}


def test_a_change_is_undone_once_by_its_maker_and_for_some_days(company, cases):
    change = flag_all(company, cases)
    with pytest.raises(NothingToChange):
        start_undo(change, company.ann)
    run_now(change)
    with pytest.raises(RightMissing):
        start_undo(change, company.ben)
    undo = start_undo(change, company.ann)
    run_now(undo)
    assert (undo.total, undo.done) == (6, 6)
    assert not models.Case.objects.filter(flagged=True).exists()
    with pytest.raises(NothingToChange):
        start_undo(change, company.ann)
    with pytest.raises(NothingToChange):
        start_undo(undo, company.ann)
    again = flag_all(company, cases)
    run_now(again)
    models.ChangeSet.objects.filter(pk=again.pk).update(finished_at=timezone.now() - timedelta(days=8))
    again.refresh_from_db()
    with pytest.raises(NothingToChange):
        start_undo(again, company.ann)


def test_a_conflict_is_named_in_the_receipt_of_the_undo(company, cases):
    change = start("set_topic", {"topic": company.food.pk}, ticked(company.ann, cases), expected=6)
    run_now(change)
    held = models.Case.objects.get(pk=cases[0].pk)
    operations.change_topic(held, topic=company.seat, by=Actor.from_user(company.ben))
    undo = start_undo(change, company.ann)
    run_now(undo)
    assert (undo.done, undo.refused) == (5, 1)
    row = undo.rows.get(state=RowState.REFUSED)
    assert (row.case_id, row.code) == (held.pk, "stale_case")
    assert "ben" in row.message


def test_ones_own_flags_are_put_up_and_taken_down_without_events(company, cases):
    models.CaseFlag.objects.create(case=cases[0], user=company.vera)
    change = start("flag_mine", {}, ticked(company.vera, cases), expected=6)
    run_now(change)
    assert (change.done, change.refused) == (5, 1)
    run_now(start_undo(change, company.vera))
    assert list(models.CaseFlag.objects.values_list("case", "user")) == [(cases[0].pk, company.vera.pk)]
    assert not models.CaseEvent.objects.filter(type="flagged").exists()


def test_the_case_that_takes_the_others_in_is_a_row_of_the_merge_and_of_its_undo(company, cases):
    target = cases[5]
    change = start("merge", {"into": target.pk}, ticked(company.ann, cases[:3]), expected=4)
    run_now(change)
    assert (change.total, change.done) == (4, 4)
    assert models.Case.objects.filter(merged_into=target).count() == 3
    undo = start_undo(change, company.ann)
    run_now(undo)
    assert undo.done == 4
    assert models.Case.objects.filter(status="new", merged_into=None).count() == 6


@pytest.mark.parametrize("key", ["flag", "unassign", "set_priority", "tag", "resolve", "close"])
def test_twice_the_cases_cost_no_query_more(company, key):
    arguments = {
        "set_priority": {"priority": company.urgent.pk},
        "tag": {"add": [company.angry.pk], "remove": []},
        "resolve": {"closure_reason": company.solved.pk, "note": "Seat was repaired."},
    }
    counts = []
    for number in (60, 120):
        many = [make_case(topic=company.seat, priority=company.normal, unit=company.harbour) for _each in range(number)]
        change = start(key, arguments.get(key, {}), ticked(company.ann, many), expected=number)
        with CaptureQueriesContext(connection) as captured:
            preview(actions.get(key), arguments.get(key, {}), ticked(company.ann, many))
            run_now(change)
            if change.done:
                run_now(start_undo(change, company.ann))
        # SQLite takes an insert of many rows in several statements.
        counts.append(len([query for query in captured if not query["sql"].startswith("INSERT")]))
    assert counts[0] == counts[1]


def test_rows_are_forgotten_long_after_the_undo_has_lapsed(company, cases):
    change = flag_all(company, cases)
    run_now(change)
    assert purge_rows(timezone.now() + timedelta(days=36)) == 0
    assert purge_rows(timezone.now() + timedelta(days=38)) == 6
    assert models.ChangeSet.objects.filter(pk=change.pk).exists()
