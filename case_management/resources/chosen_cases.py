"""Exports of cases that were ticked one by one: a change set keeps them, and says which of them went into the file."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from case_management.exceptions import RightMissing, ValueUnknown
from case_management.models import Case, ChangeSet
from case_management.models.among import among
from case_management.models.change_set import EXPORT, RowState
from case_management.resources.catalogue import CASES, resource_for

_QUERY = re.compile(r"change_set=(\d{1,18})")


def query_of(chosen: ChangeSet) -> str:
    """What an export job keeps as its query; it holds however many cases were ticked."""
    return f"change_set={chosen.pk}"


def chosen_by(query: str, user: Any) -> ChangeSet | None:
    """The choice that a query names, None for a query that is a filter. Raises ValueUnknown for one of others."""
    named = _QUERY.fullmatch(query)
    if named is None:
        return None
    found: ChangeSet | None = ChangeSet.objects.filter(pk=named[1], requested_by=user.pk, verb=EXPORT).first()
    if found is None:
        raise ValueUnknown(_("The chosen cases are forgotten; choose them again."), fields=["query"])
    return found


def among_chosen(rows: Any, chosen: ChangeSet) -> Any:
    """Those of ``rows`` that were chosen and not left out at the start of the run."""
    ids = chosen.rows.exclude(state=RowState.REFUSED).values_list("case_id", flat=True)
    return rows.filter(pk__in=among(Case, ids))


@transaction.atomic
def settle_chosen(query: str, user: Any) -> None:
    """Note, before a file is written, which of the chosen cases the person may export by now; the others stay out."""
    chosen = chosen_by(query, user)
    if chosen is None:
        return
    ids = list(chosen.rows.values_list("case_id", flat=True))
    allowed = list(
        resource_for(user, CASES).get_queryset().filter(pk__in=among(Case, ids)).values_list("pk", flat=True)
    )
    chosen.rows.update(state=RowState.REFUSED, code="right_missing")
    done = chosen.rows.filter(case_id__in=among(Case, allowed)).update(state=RowState.DONE, code="")
    ChangeSet.objects.filter(pk=chosen.pk).update(done=done, refused=len(ids) - done)


def require_all_in_reach(query: str, user: Any) -> None:
    """Raise RightMissing when a file of chosen cases holds one that the person may not export any more."""
    chosen = chosen_by(query, user)
    if chosen is None:
        return
    ids = list(chosen.rows.filter(state=RowState.DONE).values_list("case_id", flat=True))
    if resource_for(user, CASES).get_queryset().filter(pk__in=among(Case, ids)).count() < len(ids):
        raise RightMissing(_("The file holds cases that you may no longer export; ask for the export again."))
