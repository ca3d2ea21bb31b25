"""Trials that somebody asked for: kept with what they found, worked off in the background, cancelled, resumed.

One worker leads a trial: it holds the lease and says when all is done. Idle workers help it, as with a wide change:
whoever looks through a chunk locks its share first, and what a worker that dies had locked is free again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from case_management import conf
from case_management.background import wake
from case_management.exceptions import CaseManagementError, NothingToChange
from case_management.models import Backtest, BacktestRow, BacktestShare, Rule, SlaPolicy
from case_management.models.among import among
from case_management.models.due import DueState, LeaseLost, can_lock, due_fields, locked, update_mine
from case_management.timeline.storing import insert
from case_management.trying.backtest import RuleTrial
from case_management.trying.over_policy import PolicyTrial
from case_management.trying.result import Tally, Touched
from case_management.trying.trial import Trial
from case_management.trying.tried_policy import TriedPolicy

#: What a rule is, without its place among its versions.
_PARTS = (
    "key", "version", "name", "occasion", "conditions", "actions", "timing", "scope", "cadence", "cadence_days",
    "position", "stop_processing",
)  # fmt: skip
#: A worker goes on with something else after so many seconds.
BUDGET = 60
#: So many shares has a trial that goes on in the background: as many workers can do something about it.
SHARES = 16
#: Trials are forgotten after so long.
KEEP = timedelta(days=30)
#: Up to so many cases, or interactions, are looked at in the request.
FEW = 2000
MOST_DAYS = 3660


def start(tried: Rule | TriedPolicy, user: Any, *, days: int, stored: Rule | SlaPolicy | None = None) -> Backtest:
    """Write down what is to be tried over the last ``days``; a worker, or :func:`run_now`, does it.

    ``stored`` is the row of the policy, or of the rule of which ``tried`` is a draft. Raises what :class:`RuleTrial`,
    or :class:`PolicyTrial`, raises.
    """
    until = timezone.now()
    since = until - timedelta(days=min(max(days, 1), MOST_DAYS))
    if isinstance(tried, TriedPolicy):
        trial: Trial = PolicyTrial(tried, since, until, user)
        about, definition = {"policy": stored}, tried.as_json()
    else:
        trial = RuleTrial(tried, since, until, user)
        about, definition = {"rule": stored or tried}, {name: getattr(tried, name) for name in _PARTS}
    with transaction.atomic():
        kept: Backtest = Backtest.objects.create(
            requested_by=user,
            **about,
            definition=definition | {"language": translation.get_language() or ""},
            since=since,
            until=until,
            total=trial.subjects.count(),
            as_today=trial.as_today,
            **due_fields(until),
        )
        shares = trial.shares(SHARES if kept.total > FEW else 1)
        insert([BacktestShare(backtest=kept, place=place) for place in shares])
    if kept.total > FEW:
        wake("changes")
    return kept


def run_now(kept: Backtest) -> None:
    """Run a short one in this process unless a worker has it; a long one is left to the workers."""
    if kept.total > FEW:
        return
    for mine in Backtest.objects.filter(pk=kept.pk).select_related("requested_by").claim(timezone.now(), 1):
        try:
            run_trial(mine)
        except CaseManagementError as error:
            mine.bury(error.message)
    kept.refresh_from_db()


def rule_of(kept: Backtest) -> Rule:
    """The rule as it was tried; not a row of the database."""
    rule = Rule(**{name: kept.definition[name] for name in _PARTS})
    # It keeps its place in the order, behind those that stand before it.
    rule.pk = kept.rule_id
    return rule


def policy_of(kept: Backtest) -> TriedPolicy:
    """The policy as it was tried."""
    return TriedPolicy.from_json(kept.definition)


def trial_of(kept: Backtest) -> Trial:
    """What goes through the past."""
    span = (kept.since, kept.until, kept.requested_by)
    return PolicyTrial(policy_of(kept), *span) if kept.policy_id else RuleTrial(rule_of(kept), *span)


def run_trial(kept: Backtest) -> None:
    """Carry a claimed trial on from where it stands; each chunk's rows, counts and place are one transaction.

    Stops after BUDGET seconds and leaves the rest to the next worker. Raises LeaseLost when it was cancelled.
    """
    if _is_shared(kept):
        wake("changes")
    until = time.monotonic() + BUDGET
    with _as_asked(kept) as trial:
        while _lead_chunk(kept, trial):
            if time.monotonic() > until:
                update_mine(kept, lease_until=None)
                return
    now = timezone.now()
    update_mine(kept, state=DueState.DONE, finished_at=now, lease_until=None, last_error="")


def help_trials(now: datetime) -> int:
    """Look through chunks of trials that other workers lead; returns how many, 0 when none needs help."""
    led = Backtest.objects.filter(state=DueState.PENDING, lease_until__gt=now).select_related("requested_by")
    done, until = 0, time.monotonic() + BUDGET
    for kept in filter(_is_shared, led.order_by("pk")):
        with _as_asked(kept) as trial:
            while time.monotonic() < until and _help_with_chunk(kept, trial):
                done += 1
    return done


def _is_shared(kept: Backtest) -> bool:
    return kept.total > FEW and can_lock(BacktestShare)


@contextmanager
def _as_asked(kept: Backtest) -> Iterator[Trial]:
    """The trial, in the language of who asked for it."""
    with translation.override(kept.definition.get("language") or translation.get_language()):
        yield trial_of(kept)


def _lead_chunk(kept: Backtest, trial: Trial) -> bool:
    """One chunk of who holds the lease: finds out before anything is looked at, and before it counts, if it was lost.

    Waits for the share that a helper has in hand when there is no other.
    """
    update_mine(kept, lease_until=timezone.now() + conf.lease())
    with transaction.atomic():
        share = _take(kept, skip_locked=True) or _take(kept)
        if share is None:
            return False
        _look_through(share, trial)
        update_mine(kept, lease_until=timezone.now() + conf.lease())
    return True


@transaction.atomic
def _help_with_chunk(kept: Backtest, trial: Trial) -> bool:
    share = _take(kept, skip_locked=True)
    if share is not None:
        _look_through(share, trial)
    return share is not None


def _take(kept: Backtest, *, skip_locked: bool = False) -> BacktestShare | None:
    """The first share that is open, locked where the database locks rows."""
    left = kept.shares.filter(is_done=False).order_by("pk")
    share: BacktestShare | None = locked(left, skip_locked=skip_locked).first()
    return share


def _look_through(share: BacktestShare, trial: Trial) -> None:
    """Keep what the next chunk of the share brings, or that there is none. Raises LeaseLost when it was cancelled."""
    chunk, place = next(trial.chunks(share.place), (None, share.place))
    BacktestShare.objects.filter(pk=share.pk).update(place=place, is_done=chunk is None)
    if chunk is not None:
        insert([_row(share.backtest_id, row) for row in chunk.rows])
        _count(share.backtest_id, chunk.tally)


def _count(pk: int, counted: Tally) -> None:
    """Add to what all have counted; one after the other."""
    kept = locked(Backtest.objects.filter(pk=pk, state=DueState.PENDING)).first()
    if kept is None:
        raise LeaseLost
    tally = Tally(kept.tally)
    tally.take_in(counted)
    done = F("done") + counted.get("total", "subjects")
    Backtest.objects.filter(pk=pk).update(tally=tally.as_json(), done=done)


def _row(backtest: int, row: Touched) -> BacktestRow:
    return BacktestRow(
        backtest_id=backtest, case_id=row.case_id, interaction_id=row.interaction_id, at=row.at,
        actions=row.actions, conflicts=row.conflicts,
    )  # fmt: skip


def cancel(kept: Backtest) -> None:
    """Stop a trial that has not ended; what it found so far stays. Raises NothingToChange."""
    waiting = Backtest.objects.filter(pk=kept.pk, state=DueState.PENDING)
    if not waiting.update(state=DueState.CANCELLED, lease_until=None):
        raise NothingToChange(_("The trial has ended already."))


def resume(kept: Backtest) -> None:
    """Go on with a trial that was cancelled or failed, from where it stood. Raises NothingToChange."""
    stopped = Backtest.objects.filter(pk=kept.pk, state__in=[DueState.CANCELLED, DueState.DEAD])
    if not stopped.update(lease_until=None, attempts=0, last_error="", **due_fields(timezone.now())):
        raise NothingToChange(_("The trial goes on, or has ended already."))
    wake("changes")


def purge_trials(now: datetime) -> int:
    """Forget some lines of old trials, and then the trials; returns how many lines."""
    old = Backtest.objects.filter(created_at__lt=now - KEEP)
    ids = list(BacktestRow.objects.filter(backtest__in=old).values_list("pk", flat=True)[: conf.chunk_size()])
    if ids:
        BacktestRow.objects.filter(pk__in=among(BacktestRow, ids)).delete()
    else:
        old.delete()
    return len(ids)
