"""Fixes a wide change when it is confirmed: its arguments, and one row for each of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connections, router, transaction
from django.db.models import Value
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from case_management import conf
from case_management.background import wake
from case_management.bulk.actions import actions
from case_management.bulk.selection import Selection
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration, NothingToChange, RightMissing, SelectionChanged
from case_management.models import ChangeSet, ChangeSetRow
from case_management.models.change_set import EXPORT, RowState
from case_management.models.due import DueState, due_fields

#: The verb of a change set that takes another one back.
UNDO = "undo"


@transaction.atomic
def start(key: str, arguments: Mapping[str, Any], selection: Selection, *, expected: int) -> ChangeSet:
    """Write down what is to be done to the ``expected`` cases that the person was shown; a worker, or run_now, does it.

    Raises SelectionChanged when there are more or fewer by now, RightMissing without the action's right anywhere.
    """
    action, user = actions.get(key), selection.user
    if action.act is None:
        raise InvalidConfiguration(f'"{key}" is not a change of cases.')
    if not user.has_perm(f"case_management.{action.permission}"):
        raise RightMissing(Actor.from_user(user).refusal(action.permission), permission=action.permission)
    change = ChangeSet.objects.create(
        requested_by=user,
        verb=key,
        arguments={**arguments, "language": translation.get_language() or ""},
        query=(selection.query or "")[:2000],
        **due_fields(timezone.now()),
    )
    _fill(change, selection.cases_with(action.beside(arguments)).order_by(), "pk")
    if change.total != expected:
        message = _("By now it would be %(now)d cases, not %(expected)d. Look again, then confirm.")
        facts = {"now": change.total, "expected": expected}
        raise SelectionChanged(message % facts, total=change.total)
    return _told(change)


@transaction.atomic
def choose_for_export(selection: Selection) -> ChangeSet:
    """Keep the chosen cases, however many, for an export; no worker takes the set, and no case changes by it."""
    now = timezone.now()
    facts = {**due_fields(now), "state": DueState.DONE, "finished_at": now}
    query = (selection.query or "")[:2000]
    chosen: ChangeSet = ChangeSet.objects.create(requested_by=selection.user, verb=EXPORT, query=query, **facts)
    _fill(chosen, selection.cases().order_by(), "pk")
    return chosen


@transaction.atomic
def start_undo(change: ChangeSet, user: Any) -> ChangeSet:
    """Have the whole change taken back. Raises NothingToChange when it is too late, or done already."""
    if change.requested_by_id != user.pk:
        raise RightMissing(_("Only who made a change may take it back."))
    if why_not := no_undo(change, timezone.now()):
        raise NothingToChange(why_not)
    try:
        with transaction.atomic():
            undo = ChangeSet.objects.create(
                requested_by=user,
                verb=UNDO,
                undoes=change,
                arguments={"language": translation.get_language() or ""},
                **due_fields(timezone.now()),
            )
    except IntegrityError:
        raise NothingToChange(_("This change is being taken back already.")) from None
    _fill(undo, change.rows.filter(state=RowState.DONE).order_by(), "case_id")
    return _told(undo)


def no_undo(change: ChangeSet, now: datetime) -> str:
    """Why a change cannot be taken back (now); empty when it can."""
    never = {
        UNDO: _("Taking back cannot itself be taken back; make the change again."),
        EXPORT: _("An export changes no case; there is nothing to take back."),
    }
    if change.verb in actions and change.verb not in never:
        never[change.verb] = actions.get(change.verb).no_undo(change.arguments)
    if why_never := never.get(change.verb):
        return why_never
    if change.finished_at is None:
        return _("The change is still running; wait until it is done.")
    if not change.done:
        return _("Nothing was changed.")
    if ChangeSet.objects.filter(undoes=change).exists():
        return _("This change is taken back already.")
    if now > undo_until(change):
        return _("A change can be taken back for %d days.") % conf.undo_days()
    return ""


def undo_until(change: ChangeSet) -> datetime:
    """The last moment at which a finished change can be taken back."""
    return (change.finished_at or timezone.now()) + timedelta(days=conf.undo_days())


def _told(change: ChangeSet) -> ChangeSet:
    """Few rows are done by whoever asked, at once; a worker is woken for more."""
    if not runs_inline(change):
        wake("changes")
    return change


def runs_inline(change: ChangeSet) -> bool:
    """Whether it is small enough for the request."""
    return change.total <= conf.bulk_inline() and change.state == DueState.PENDING


def _fill(change: ChangeSet, cases: Any, key: str) -> None:
    """One row per case, in one statement: the set is what it was at this moment, whatever happens later."""
    using = router.db_for_write(ChangeSetRow)
    connection = connections[using]
    quote = connection.ops.quote_name
    fixed = {"change_set_id": change.pk, "state": RowState.PENDING.value, "code": "", "message": ""}
    columns = {name: getattr(ChangeSetRow, name).field for name in fixed}
    told = {f"set_{name}": Value(value, columns[name]) for name, value in fixed.items()}
    try:
        chosen, parameters = cases.annotate(**told).values_list(key, *told).query.get_compiler(using).as_sql()
    except EmptyResultSet:
        return
    names = ", ".join(quote(name) for name in ("case_id", *fixed))
    # The names are ours and quoted; values are parameters.
    sql = f"INSERT INTO {quote(ChangeSetRow._meta.db_table)} ({names}) {chosen}"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        change.total = cursor.rowcount
    change.save(update_fields=["total"])
