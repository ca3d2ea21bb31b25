"""Tag and untag; also after a case was resolved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, TagsChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseTag, Tag
from case_management.models.among import among
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.gate import checked_choice


def tag_case(case: Case, *, by: Actor, add: Iterable[Tag] = (), remove: Iterable[Tag] = ()) -> Case:
    """Put tags on and take tags off in one step. Raises NothingToChange when the case already is as asked."""
    change = (_offered(add), {tag.pk for tag in remove})
    return apply("tag", case, lambda ids: _decide(ids, change), by=by)


def tag_cases(
    cases: Any, *, by: Actor, add: Iterable[Tag] = (), remove: Iterable[Tag] = (), check_only: bool = False
) -> Outcome:
    """Tag many cases at once."""
    change = (_offered(add), {tag.pk for tag in remove})
    return apply_to_each("tag", cases, lambda ids: _decide(ids, change), by=by, check_only=check_only)


def _offered(tags: Iterable[Tag]) -> set[int]:
    tags = list(tags)
    for tag in tags:
        checked_choice(tag, "tag")
    return {tag.pk for tag in tags}


def _decide(case_ids: list[int], change: tuple[Collection[int], Collection[int]]) -> Decide:
    add, remove = set(change[0]), set(change[1])
    present: dict[int, set[int]] = defaultdict(set)
    for case_id, tag_id in CaseTag.objects.filter(case_id__in=among(CaseTag, case_ids)).values_list(
        "case_id", "tag_id"
    ):
        present[case_id].add(tag_id)

    def decide(case: Case) -> list[Event]:
        added, removed = add - present[case.pk], (remove - add) & present[case.pk]
        if not added and not removed:
            raise NothingToChange(_("The case has exactly these tags already."))
        return [TagsChanged(added=tuple(sorted(added)), removed=tuple(sorted(removed)))]

    return decide
