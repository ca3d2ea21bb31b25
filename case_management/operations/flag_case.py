"""Flag a case for everybody, or take the flag off."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import CaseFlagged, CaseUnflagged, Event
from case_management.exceptions import NothingToChange, RightMissing
from case_management.models import Case, CaseFlag
from case_management.models.among import among
from case_management.operations.applying import (
    Outcome,
    apply,
    apply_to_each,
    chunks,
    rows_of,
    without_reading,
)


def flag_case(case: Case, *, by: Actor) -> Case:
    """Raise the flag that everybody sees."""
    return apply("flag", case, without_reading(lambda held: _events(held, True)), by=by)


def unflag_case(case: Case, *, by: Actor) -> Case:
    """Take that flag down."""
    return apply("unflag", case, without_reading(lambda held: _events(held, False)), by=by)


def flag_cases(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Raise the flag that everybody sees on many cases."""
    plan = without_reading(lambda held: _events(held, True))
    return apply_to_each("flag", cases, plan, by=by, check_only=check_only)


def unflag_cases(cases: Any, *, by: Actor, check_only: bool = False) -> Outcome:
    """Take that flag down on many cases."""
    plan = without_reading(lambda held: _events(held, False))
    return apply_to_each("unflag", cases, plan, by=by, check_only=check_only)


def flag_for_me(case: Case, *, by: Actor) -> bool:
    """Turn the actor's own flag over; returns whether it is up now. Nobody else sees it, so no event."""
    by.require("view_case", case)
    if CaseFlag.objects.filter(case=case, user=by.user).delete()[0]:
        return False
    CaseFlag.objects.get_or_create(case=case, user=by.user)
    return True


def flag_cases_for_me(cases: Any, *, by: Actor, up: bool = True, check_only: bool = False) -> Outcome:
    """Raise the actor's own flag on many cases, or take it down; a case that is so already is refused."""
    outcome = Outcome()
    for ids in chunks(cases):
        with transaction.atomic():
            seen = by.allowed_among("view_case", ids)
            held = set(CaseFlag.objects.filter(user=by.user, case__in=among(Case, ids)).values_list("case", flat=True))
            for case in rows_of(ids, lock=False):
                if case.pk not in seen:
                    outcome.refuse(case, RightMissing(by.refusal("view_case"), permission="view_case"))
                elif (case.pk in held) == up:
                    outcome.refuse(case, NothingToChange(_("Your flag is as you want it already.")))
                else:
                    outcome.done.append(case.pk)
            if not check_only:
                _turn_own_flags(set(outcome.done) & set(ids), by.user, up=up)
    return outcome


def _turn_own_flags(ids: set[int], user: Any, *, up: bool) -> None:
    if up:
        CaseFlag.objects.bulk_create([CaseFlag(case_id=pk, user=user) for pk in sorted(ids)], ignore_conflicts=True)
    else:
        CaseFlag.objects.filter(user=user, case__in=among(Case, ids)).delete()


def _events(case: Case, flagged: bool) -> list[Event]:
    if case.flagged == flagged:
        raise NothingToChange(_("The flag is as you want it already."))
    return [CaseFlagged()] if flagged else [CaseUnflagged()]
