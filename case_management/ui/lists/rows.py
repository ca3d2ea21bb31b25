"""What one line of the list shows, read without further queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from case_management.domain.states import Status
from case_management.filters.search import Highlight, Marker
from case_management.models import Case, CaseFlag, CaseTag
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.together import together
from case_management.timeline.durations import in_words
from case_management.ui.lists.buckets import Bucket, bucket
from case_management.ui.lists.clocks import Clocks, clocks
from case_management.ui.lists.custom import Cells, people_on, shown_on
from case_management.ui.lists.hours import Hours
from case_management.ui.lists.sorting import Sort
from case_management.ui.people import display_name, initials
from case_management.ui.timer import Timer, timer

#: Six at most, see :class:`case_management.ui.paging.Listing`.
_LABELS = ("case_type", "priority", "source", "unit", "assignee", "contact")


def for_list(cases: Any, *, is_search: bool = False) -> Any:
    """``cases`` with everything that a line shows but what :func:`groups` reads for all lines at once.

    The long texts of a case stay in the database; a search shows where its words stand in the description.
    """
    return cases.select_related(*_LABELS).defer("chain_head", *(() if is_search else ("description",)))


#: The key of the group that is no status.
MATCHES = "matches"


@dataclass(frozen=True)
class Row:
    """One line; ``cells`` are label and value of further columns."""

    case: Case
    timer: Timer
    clocks: Clocks
    age: str
    assignee: str
    initials: str
    tags: list[str]
    is_flagged_by_reader: bool
    is_asleep: bool
    cells: list[tuple[str, str]] = field(default_factory=list)
    highlight: Highlight | None = None


@dataclass(frozen=True)
class Stretch:
    """Lines under one date."""

    bucket: Bucket
    rows: list[Row]


@dataclass(frozen=True)
class Group:
    """Lines of one status; ``count`` is the whole group's, where it was counted."""

    key: str
    label: str | Promise
    stretches: list[Stretch]
    count: int | None

    @property
    def rows(self) -> list[Row]:
        """The lines without their dates."""
        return [row for stretch in self.stretches for row in stretch.rows]


@dataclass(frozen=True)
class Scene:
    """For whom, when and in which order the lines are shown, and what was searched for.

    ``custom`` reads the custom fields; it is called only where a line has values of them.
    """

    user: Any
    now: datetime
    sort: Sort
    custom: Callable[[], CustomCatalogue]
    text: str = ""


def groups(found: list[tuple[str, Case]], counts: dict[str, int] | None, scene: Scene) -> list[Group]:
    """The rows of a page under the headings of their statuses and dates; one query for all that is beside them."""
    beside = _Beside.read([case for _key, case in found], scene)
    by_status = groupby(found, key=lambda pair: pair[0])
    return [_group(key, [case for _key, case in pairs], counts, beside, scene) for key, pairs in by_status]


def matches(cases: list[Case], count: int, scene: Scene) -> list[Group]:
    """The best matches of a search, of all statuses under one heading."""
    beside = _Beside.read(cases, scene)
    rows = [beside.row(case, scene) for case in cases]
    return [Group(MATCHES, _("Best matches"), [Stretch(Bucket(MATCHES, ""), rows)], count)] if rows else []


def _group(key: str, cases: list[Case], counts: dict[str, int] | None, beside: _Beside, scene: Scene) -> Group:
    order = scene.sort.order(Status(key))
    labelled = [(bucket(case, order, scene.now), case) for case in cases]
    stretches = [
        Stretch(head, [beside.row(case, scene) for _head, case in pairs])
        for head, pairs in groupby(labelled, key=lambda pair: pair[0])
    ]
    return Group(key, Status(key).label, stretches, counts.get(key) if counts else None)


@dataclass(frozen=True)
class _Beside:
    """What belongs to the lines but stands in other tables."""

    tags: dict[int, list[str]]
    flagged: set[int]
    hours: Hours
    cells: Cells
    highlights: dict[int, Highlight]

    @classmethod
    def read(cls, cases: Sequence[Case], scene: Scene) -> _Beside:
        """Tags, the reader's flags, calendars, people in custom fields, and where the words stand; one query."""
        shown = shown_on(cases, scene.custom)
        marker = Marker(cases, scene.text)
        found = together(**_lists(cases, scene.user), people=people_on(cases, shown), **marker.lists())
        tags: dict[int, list[str]] = defaultdict(list)
        for case, name in found["tags"]:
            tags[case].append(name)
        flagged = {case for (case,) in found["flags"]}
        return cls(tags, flagged, Hours.read(found), Cells.of_people(shown, found["people"]), marker.highlights(found))

    def row(self, case: Case, scene: Scene) -> Row:
        """One line."""
        name = display_name(case.assignee) if case.assignee else ""
        return Row(
            case,
            timer(case, scene.now),
            clocks(case, self.hours.of(case), scene.now),
            _("%s old") % in_words(scene.now - case.opened_at),
            name,
            initials(name),
            self.tags.get(case.pk, []),
            case.pk in self.flagged,
            case.snoozed_until is not None and case.snoozed_until > scene.now,
            self.cells.of(case),
            self.highlights.get(case.pk),
        )


def _lists(cases: Sequence[Case], user: Any) -> dict[str, Any]:
    """What belongs to the lines, list by list."""
    ids = [case.pk for case in cases]
    tags = CaseTag.objects.filter(case__in=ids).order_by("tag__category__position", "tag__position", "tag__name")
    return {
        "tags": tags.values_list("case_id", "tag__name"),
        "flags": CaseFlag.objects.filter(case__in=ids, user=user).order_by().values_list("case_id"),
        **Hours.lists(cases),
    }
