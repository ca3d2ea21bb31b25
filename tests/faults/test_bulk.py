"""Workers that are killed in the middle of a wide change lose and double nothing, and all of it can be taken back."""

from __future__ import annotations

import pytest
from django.db.models import Count

from case_management import models
from case_management.bulk.selection import Selection
from case_management.bulk.start import start, start_undo
from case_management.domain.events import projected_fields
from example_project.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

#: Small enough that a kill falls into the middle of the work and not behind it.
CHUNK = 250


def facts() -> dict[int, tuple]:
    """Every projected fact of every case."""
    names = sorted(projected_fields())
    return {row[0]: row[1:] for row in models.Case.objects.values_list("pk", *names)}


def test_ten_thousand_cases_are_resolved_once_though_the_worker_is_killed_and_all_are_taken_back(
    clockwork, agents, many_cases
):
    reason = models.ClosureReason.objects.create(name="Solved")
    before = facts()
    clockwork.work_in_chunks_of(CHUNK)
    arguments = {"closure_reason": reason.pk, "note": "Answered by the letter of March."}
    change = start("resolve", arguments, Selection(agents[0], query="status=open"), expected=many_cases)
    rows = models.ChangeSetRow.objects.filter(change_set=change)
    killed_at = clockwork.kill_two_workers_at((500, 4000), rows.filter(state="done").count)
    assert killed_at < many_cases, "the kill came too late to show anything"
    resolved = models.CaseEvent.objects.filter(type="resolved")
    assert resolved.count() == killed_at
    clockwork.start_two_workers()
    done = models.ChangeSet.objects.filter(pk=change.pk, state="done", done=many_cases, refused=0)
    wait_until(done.exists, seconds=240, what="the end of the change")
    assert not resolved.values("case").annotate(times=Count("pk")).filter(times__gt=1).exists()
    assert resolved.count() == many_cases
    undo = start_undo(models.ChangeSet.objects.get(pk=change.pk), agents[0])
    undone = models.ChangeSet.objects.filter(pk=undo.pk, state="done", done=many_cases, refused=0)
    wait_until(undone.exists, seconds=240, what="the end of the undo")
    assert facts() == before
    wait_until(lambda: clockwork.check()["problems"] == [], seconds=120, what="a clean check")
