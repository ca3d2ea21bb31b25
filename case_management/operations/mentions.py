"""Whom a note calls on: people who may see the case, by their user names; whatever else looks like a call is text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from case_management.access import viewers_of
from case_management.domain.mentions import Call, calls_in
from case_management.models import Case, CaseWatcher


@dataclass(frozen=True)
class Mentions:
    """The ids of the people who are called, and the calls that name nobody, or more than one, who may see the case."""

    people: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()


def mentions_in(text: str, case: Case) -> Mentions:
    """Read the calls of a text; one query, or none."""
    calls = calls_in(text)
    if not calls:
        return Mentions()
    known = _people(calls, case)
    people, unknown = list[int](), list[str]()
    for call in calls:
        found = _meant(call, known)
        if len(found) == 1:
            people += found
        else:
            unknown.append(call.names[-1])
    return Mentions(tuple(sorted(set(people))), tuple(dict.fromkeys(unknown)))


def _people(calls: list[Call], case: Case) -> dict[str, dict[str, int]]:
    """User name without its case → the names so written and whose they are."""
    field = get_user_model().USERNAME_FIELD
    wanted = Q()
    for name in {name for call in calls for name in call.names}:
        wanted |= Q(**{f"{field}__iexact": name})
    known: dict[str, dict[str, int]] = defaultdict(dict)
    rows: Any = viewers_of(case).filter(wanted).values_list(field, "pk")
    for name, pk in rows:
        known[name.casefold()][name] = pk
    return known


def _meant(call: Call, known: dict[str, dict[str, int]]) -> set[int]:
    """The ids that a call may mean: of names that differ in capitals alone the one that is written so."""
    found = set[int]()
    for name in call.names:
        alike = known.get(name.casefold(), {})
        found |= {alike[name]} if name in alike else set(alike.values())
    return found


def watch_as_mentioned(case: Case, people: tuple[int, ...], by_id: int | None) -> None:
    """Whoever is called on follows the case from here on."""
    rows = [CaseWatcher(case_id=case.pk, user_id=user_id, added_by_id=by_id) for user_id in people]
    CaseWatcher.objects.bulk_create(rows, ignore_conflicts=True)
