"""Works a wide change off, chunk by chunk; may be killed at any moment and run again.

One worker leads a change: it holds the lease and says when all is done. Idle workers help it: whoever takes a chunk
locks its rows first, so no row is done twice, and what a worker that dies had locked is free again.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from case_management import conf
from case_management.background import wake
from case_management.bulk.actions import Action, actions
from case_management.bulk.start import UNDO
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, InvalidConfiguration
from case_management.models import Case, ChangeSet, ChangeSetRow
from case_management.models.among import among
from case_management.models.change_set import RowState
from case_management.models.due import DueState, LeaseLost, can_lock, locked, update_mine
from case_management.operations import Outcome, undo_changes
from case_management.timeline.storing import rewrite

#: A worker goes on with something else after so many seconds, so that one wide change does not hold up the others.
BUDGET = 60
#: Fewer chunks than this are done by one worker alone.
SHARED_CHUNKS = 4
#: Rows are kept so long after a change can no longer be taken back.
KEEP_ROWS = timedelta(days=30)


def run_now(change: ChangeSet) -> None:
    """Run it in this process unless a worker has it; what fails here is left to the workers."""
    for mine in ChangeSet.objects.filter(pk=change.pk).select_related("requested_by").claim(timezone.now(), 1):
        try:
            run_change(mine)
        except CaseManagementError as error:
            mine.bury(error.message)
        except Exception as error:
            mine.postpone(type(error).__name__, timezone.now())
            raise
    change.refresh_from_db()


def run_change(change: ChangeSet) -> None:
    """Carry a claimed change out from where it stands; a chunk's events, results and progress are one transaction.

    Stops after BUDGET seconds and leaves the rest to the next worker. Raises LeaseLost when another one took over.
    """
    if _is_shared(change):
        wake("changes")
    until = time.monotonic() + BUDGET
    with translation.override(change.arguments.get("language") or translation.get_language()):
        while _lead_chunk(change):
            if time.monotonic() > until and change.rows.filter(state=RowState.PENDING).exists():
                update_mine(change, lease_until=None)
                return
    change.refresh_from_db(fields=["done", "refused"])
    now = timezone.now()
    update_mine(change, state=DueState.DONE, finished_at=now, lease_until=None, last_error="")


def help_change(now: datetime) -> int:
    """Do chunks of a change that another worker leads; returns how many, 0 when there is none that needs help."""
    led = ChangeSet.objects.filter(state=DueState.PENDING, lease_until__gt=now).select_related("requested_by", "undoes")
    done, until = 0, time.monotonic() + BUDGET
    for change in led.order_by("pk"):
        with translation.override(change.arguments.get("language") or translation.get_language()):
            while _is_shared(change) and time.monotonic() < until and _help_with_chunk(change):
                done += 1
    return done


def _is_shared(change: ChangeSet) -> bool:
    """Whether there is enough for two; what has to be done as a whole is not parted."""
    has_enough = change.total > SHARED_CHUNKS * conf.chunk_size() and _size(change) < change.total
    return has_enough and can_lock(ChangeSetRow)


def _size(change: ChangeSet) -> int:
    return change.total if _action(change).is_whole and change.verb != UNDO else max(conf.chunk_size(), 1)


def _action(change: ChangeSet) -> Action:
    of = change.undoes if change.verb == UNDO else change
    if of is None:
        raise InvalidConfiguration(f"The change set {change.pk} takes nothing back.")
    return actions.get(of.verb)


def _lead_chunk(change: ChangeSet) -> int:
    """One chunk of who holds the lease: finds out before anything is written, and before it counts, if it was lost.

    Waits for the rows that a helper has in hand when there are no others.
    """
    update_mine(change, lease_until=timezone.now() + conf.lease())
    with transaction.atomic():
        if not (rows := _take(change, skip_locked=True) or _take(change)):
            return 0
        done = _run_chunk(change, rows)
        # A worker that dies after this line leaves nothing of the chunk behind, and one before it as well.
        update_mine(change, done=F("done") + done, refused=F("refused") + len(rows) - done)
    return len(rows)


@transaction.atomic
def _help_with_chunk(change: ChangeSet) -> int:
    if not (rows := _take(change, skip_locked=True)):
        return 0
    done = _run_chunk(change, rows)
    going_on = ChangeSet.objects.filter(pk=change.pk, state=DueState.PENDING)
    if not going_on.update(done=F("done") + done, refused=F("refused") + len(rows) - done):
        raise LeaseLost
    return len(rows)


def _take(change: ChangeSet, *, skip_locked: bool = False) -> list[ChangeSetRow]:
    """Lock the rows of the next chunk, where the database locks rows."""
    rows = locked(change.rows.filter(state=RowState.PENDING).order_by("pk"), skip_locked=skip_locked)
    return list(rows[: _size(change)])


def _run_chunk(change: ChangeSet, rows: list[ChangeSetRow]) -> int:
    """Returns how many were done; what forbids the step as such refuses them all."""
    try:
        with transaction.atomic():
            outcome = _carry_out(change, _action(change), [row.case_id for row in rows])
    except CaseManagementError as error:
        outcome = _refused(rows, error)
    return _write_results(rows, outcome)


def _carry_out(change: ChangeSet, action: Action, ids: list[int]) -> Outcome:
    by = Actor.from_user(change.requested_by)
    if change.verb != UNDO or change.undoes is None:
        if action.act is None:
            raise InvalidConfiguration(f'"{action.key}" is not a change of cases.')
        return action.act(ids, change.arguments, by, False)
    if action.take_back is not None:
        return action.take_back(ids, by)
    changed = change.undoes.rows.filter(state=RowState.DONE, case_id__in=among(ChangeSetRow, ids))
    rows = changed.values_list("case_id", "first_seq", "last_seq")
    spans = {pk: (first, last) for pk, first, last in rows if first is not None and last is not None}
    return undo_changes(spans, change_set=change.undoes.pk, right=action.permission, by=by)


def _refused(rows: list[ChangeSetRow], error: CaseManagementError) -> Outcome:
    """What forbids the step as such forbids it for every row."""
    outcome = Outcome()
    for case in Case.objects.filter(pk__in=among(Case, [row.case_id for row in rows])).only("pk", "reference"):
        outcome.refuse(case, error)
    return outcome


def _write_results(rows: list[ChangeSetRow], outcome: Outcome) -> int:
    done, refused = set(outcome.done), {refusal.case_id: refusal.error for refusal in outcome.refused}
    for row in rows:
        if row.case_id in done:
            row.state = RowState.DONE
            row.first_seq, row.last_seq = outcome.spans.get(row.case_id, (None, None))
        else:
            error = refused.get(row.case_id)
            row.state = RowState.REFUSED
            row.code, row.message = (error.code[:60], error.message) if error else ("gone", "")
    rewrite(rows, ("state", "code", "message", "first_seq", "last_seq"))
    return len(done)


def purge_rows(now: datetime) -> int:
    """Forget some rows of changes that can no longer be taken back; returns how many."""
    over = now - timedelta(days=conf.undo_days()) - KEEP_ROWS
    old = ChangeSetRow.objects.filter(change_set__finished_at__lt=over)
    ids = list(old.values_list("pk", flat=True)[: conf.chunk_size()])
    ChangeSetRow.objects.filter(pk__in=among(ChangeSetRow, ids)).delete()
    return len(ids)
