"""Reads the policies, what they ask for and the hours of their calendars: a set number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import date
from typing import Any

from django.db.models import F, Value

from case_management.models import BusinessCalendar, Contact, Holiday, SlaPolicy, SlaRung, SlaTarget, Topic, Unit
from case_management.models.sla import SlaMetric
from case_management.sla.hours_kept import HoursKept
from case_management.sla.terms import SETS, Rung, Terms

Asked = dict[str, set[int]]
#: Contacts with a tag that policies ask for are read at once up to so many, and one by one beyond.
MOST_TAGGED = 2_000


def read_policies() -> list[tuple[SlaPolicy, Terms]]:
    """Every policy that promises a resolution, in the order in which they are asked; four queries."""
    targets: dict[int, dict[str, int]] = defaultdict(dict)
    for policy_id, metric, minutes in SlaTarget.objects.values_list("policy_id", "metric", "minutes"):
        targets[policy_id][metric] = minutes
    if not targets:
        return []
    asked, ladders = _asked(), _ladders()
    policies = SlaPolicy.objects.select_related("calendar").order_by("position", "pk")
    return [
        (policy, Terms.of(policy, targets[policy.pk], _with_single(policy, asked[policy.pk]), ladders[policy.pk]))
        for policy in policies
        if SlaMetric.RESOLVE.value in targets[policy.pk]
    ]


def _with_single(policy: SlaPolicy, asked: Asked) -> Asked:
    """A policy may name its priority beside the sets."""
    single = {policy.priority_id} if policy.priority_id else set()
    return {**asked, "priorities": asked.get("priorities", set()) | single}


def _asked() -> dict[int, Asked]:
    """Policy → set → ids, in one query over all sets."""
    found: dict[int, Asked] = defaultdict(lambda: defaultdict(set))
    parts = []
    for name in SETS:
        field: Any = SlaPolicy._meta.get_field(name)
        entry = f"{field.m2m_reverse_field_name()}_id"
        rows = field.remote_field.through.objects.order_by()
        parts.append(rows.values_list(F("slapolicy_id"), Value(name), F(entry)))
    for policy_id, name, pk in parts[0].union(*parts[1:], all=True):
        found[policy_id][name].add(pk)
    return found


def _ladders() -> dict[int, list[Rung]]:
    found: dict[int, list[Rung]] = defaultdict(list)
    columns = ("policy_id", "level", "minutes", "team_id", "user_id", "priority_id")
    for policy_id, *rung in SlaRung.objects.order_by().values_list(*columns):
        found[policy_id].append(Rung(*rung))
    return found


def branches(model: type[Topic | Unit], ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Each node of a tree with all that lies below it; one query, none where nothing is asked."""
    wanted = set(ids)
    if not wanted:
        return {}
    paths: dict[str, int] = dict(model.objects.order_by("path").values_list("path", "pk"))
    below: dict[int, set[int]] = {pk: set() for pk in wanted}
    for path, pk in paths.items():
        for length in range(model.steplen, len(path) + 1, model.steplen):
            above = paths.get(path[:length])
            if above in below:
                below[above].add(pk)
    return {pk: frozenset(found) for pk, found in below.items()}


class TagsOfContacts:
    """Which of the tags that policies ask for each contact has: read once, unless very many contacts have one."""

    def __init__(self, wanted: set[int]) -> None:
        self._rows = Contact.tags.through.objects.filter(tag__in=wanted).order_by()
        self._found: dict[int, set[int]] = defaultdict(set)
        self._is_whole = True
        if wanted:
            self._read()

    def _read(self) -> None:
        pairs = list(self._rows.values_list("contact_id", "tag_id")[: MOST_TAGGED + 1])
        self._is_whole = len(pairs) <= MOST_TAGGED
        for contact_id, tag_id in pairs if self._is_whole else ():
            self._found[contact_id].add(tag_id)

    def of(self, contact_id: int | None) -> Set[int]:
        """Ids of tags; a query for each contact where not all could be read at once."""
        if contact_id is None:
            return frozenset()
        if not self._is_whole and contact_id not in self._found:
            self._found[contact_id] = set(self._rows.filter(contact=contact_id).values_list("tag_id", flat=True))
        return self._found.get(contact_id, frozenset())


def zones_of_units() -> dict[int, str]:
    """The time zone of each unit, its own or that of the nearest unit above; units without one are not in it."""
    by_path: dict[str, str] = {}
    found: dict[int, str] = {}
    for path, pk, zone in Unit.objects.order_by("path").values_list("path", "pk", "timezone"):
        by_path[path] = zone or by_path.get(path[: -Unit.steplen], "")
        if by_path[path]:
            found[pk] = by_path[path]
    return found


def hours_today(calendar_ids: set[int]) -> dict[int, HoursKept]:
    """The hours that the calendars with these ids have now; two queries."""
    rows = BusinessCalendar.objects.filter(pk__in=calendar_ids)
    return hours_of({row.pk: row for row in rows})


def hours_of(calendars: Mapping[int, BusinessCalendar]) -> dict[int, HoursKept]:
    """The same for rows that are read already; one query."""
    holidays: dict[int, list[tuple[date, str, str]]] = defaultdict(list)
    for calendar_id, day, hours, name in Holiday.objects.filter(calendar_id__in=calendars).values_list(
        "calendar_id", "date", "hours", "name"
    ):
        holidays[calendar_id].append((day, hours, name))
    return {pk: HoursKept.of(row, holidays[pk]) for pk, row in calendars.items()}
