"""Every way in which a reader comes by a set of cases or by a number of them, each asked below the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

from django.http import Http404, QueryDict
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.test import APIRequestFactory, force_authenticate

from case_management import models
from case_management.access import MembershipAuthority, may, rights_on, visible_to
from case_management.api.cases import CasesView
from case_management.bulk.actions import actions
from case_management.bulk.preview import preview
from case_management.bulk.selection import Selection
from case_management.exceptions import RightMissing
from case_management.filters import CaseFilterSet
from case_management.reports.breakdown import by_source, by_unit
from case_management.reports.headline import headline
from case_management.reports.period import Period
from case_management.resources.export_file import export_rows
from case_management.ui.case.page import CasePage
from case_management.ui.home import my_cases, standing
from case_management.ui.lists.facets import facets
from case_management.ui.lists.leaves import leaf
from case_management.ui.lists.neighbours import neighbours
from case_management.ui.lists.question import Question
from case_management.ui.lists.rail import rail
from case_management.ui.lists.rows import Scene

#: More turns than a small world can have pages.
MOST_PAGES = 30


def references(rows: Iterable[Any]) -> list[str]:
    return [row.reference for row in rows]


# ── sets of cases that a reader may view: world, user → references, each as often as it is shown ──


def walked(user: Any, query: str) -> Iterator[str]:
    """References on the pages of the list, from the first to the last."""
    for _page in range(MOST_PAGES):
        question = Question(QueryDict(query), visible_to(user), user)
        page = leaf(
            question,
            Scene(user, timezone.now(), question.sort, partial(_custom, question), question.text),
        )
        rows = [row.case for group in page["groups"] for stretch in group.stretches for row in stretch.rows]
        yield from references(rows)
        query = page["following_query"]
        if not query:
            return
    raise AssertionError("the list has no end")


def _custom(question: Question) -> Any:
    return question.filters.custom


def on_pages(world: SimpleNamespace, user: Any) -> list[str]:
    return list(walked(user, ""))


def on_pages_by_priority(world: SimpleNamespace, user: Any) -> list[str]:
    return list(walked(user, "sort=priority"))


def searched(world: SimpleNamespace, user: Any) -> list[str]:
    return list(walked(user, f"q={world.word}"))


def along_neighbours(world: SimpleNamespace, user: Any) -> list[str]:
    """From the first case of the list on, always to the next one."""
    found = list(walked(user, ""))[:1]
    while found:
        case = models.Case.objects.get(reference=found[-1])
        following = neighbours(case, "", user).following
        if not following:
            return found
        found.append(following)
    return found


def opened(world: SimpleNamespace, user: Any) -> list[str]:
    """Those that the page of a case finds."""
    return [case.reference for case in world.cases if _is_found(case, user)]


def _is_found(case: Any, user: Any) -> bool:
    page, request = CasePage(), RequestFactory().get("/")
    request.user = user
    page.setup(request, reference=case.reference)
    try:
        return bool(page._find().pk == case.pk)
    except Http404:
        return False


def allowed(world: SimpleNamespace, user: Any) -> list[str]:
    """What operations ask, one by one and for all."""
    ids = MembershipAuthority().allowed_among(user, "view_case", [case.pk for case in world.cases])
    singly = {case.pk for case in world.cases if may(user, "view_case", case)}
    assert ids == singly == {case.pk for case in world.cases if "view_case" in rights_on(user, case)}
    return [case.reference for case in world.cases if case.pk in ids]


def chosen_by_filter(world: SimpleNamespace, user: Any) -> list[str]:
    return references(Selection(user, query="").cases())


def chosen_by_ticks(world: SimpleNamespace, user: Any) -> list[str]:
    everything = tuple(references(world.cases))
    return references(Selection(user, references=everything).cases())


def named_one_by_one(world: SimpleNamespace, user: Any) -> list[str]:
    query = "&".join(f"case={case.reference}" for case in world.cases)
    return references(CaseFilterSet(QueryDict(query), visible_to(user), user=user).qs)


def over_api(world: SimpleNamespace, user: Any) -> list[str]:
    """All pages of the API's list; those without the model's right are turned away."""
    found, query = [], "/?page_size=5"
    for _page in range(MOST_PAGES):
        request = APIRequestFactory().get(query)
        force_authenticate(request, user)
        answer = CasesView.as_view()(request)
        if answer.status_code == 403:
            return []
        found += [row["reference"] for row in answer.data["results"]]
        query = answer.data["next"]
        if not query:
            return found
    raise AssertionError("the API has no end")


VIEWED: dict[str, Callable[[SimpleNamespace, Any], list[str]]] = {
    "visible_to": lambda world, user: references(visible_to(user)),
    "the pages of the list": on_pages,
    "the list by priority": on_pages_by_priority,
    "a search for a word of the titles": searched,
    "from neighbour to neighbour": along_neighbours,
    "the pages of the cases": opened,
    "single questions": allowed,
    "all that match": chosen_by_filter,
    "ticked boxes": chosen_by_ticks,
    "references in a filter": named_one_by_one,
    "the API": over_api,
}


# ── sets under another right ──


def exported(world: SimpleNamespace, user: Any) -> list[str]:
    """The first column of the rows of an export."""
    try:
        resource, rows = export_rows(user, "cases", "")
    except RightMissing:
        return []
    return [str(row[0]) for row in resource.iter_export(rows)]


def would_resolve(world: SimpleNamespace, user: Any) -> int:
    """How many cases a wide change is shown to be about."""
    action = actions.get("flag")
    return preview(action, {}, Selection(user, query="")).total


# ── numbers ──


def counted(world: SimpleNamespace, user: Any) -> dict[str, int]:
    """Each number that a page shows, by where it stands and what it counts."""
    cases, now = visible_to(user), timezone.now()
    return {**_listed(cases, user), **_beside(cases, user, now), **_reported(cases), **_home(world, user, now)}


def _listed(cases: Any, user: Any) -> dict[str, int]:
    question = Question(QueryDict(""), cases, user)
    found = facets(question.filters)
    roots = models.Unit.objects.filter(depth=1).values_list("path", flat=True)
    states = [status for status in found.counts.get("status", {}) if status not in ("open", "done", "overdue")]
    people = [name for name in found.counts.get("assignee", {}) if name not in ("", "me")]
    return {
        "all: list": sum((question.counts or {}).values()),
        "all: facet of statuses": sum(found.of("status", status) or 0 for status in states),
        "all: facet of sources": found.of("source", "survey") or 0,
        "all: facet of assignees": sum(found.of("assignee", name) or 0 for name in people),
        "all: facet of escalations": sum(found.of("escalated", word) or 0 for word in ("yes", "no")),
        "open: facet": found.of("status", "open") or 0,
        "done: facet": found.of("status", "done") or 0,
        "with a unit: facet": sum(found.of("unit", path) or 0 for path in roots),
        "flagged: facet": found.of("flagged", "all") or 0,
    }


def _beside(cases: Any, user: Any, now: Any) -> dict[str, int]:
    around = rail(cases, user, now)
    queues = {entry.query: entry.count for entry in (*around.queues, *around.flags)}
    tiles = {tile.query: tile.value for tile in around.tiles}
    return {
        "open: rail": queues["status=open"],
        "open: sources of the rail": sum(entry.count for entry in around.sources),
        "open: tile": int(tiles["status=open"]),
        "open: gauge": around.gauge.total - around.gauge.resolved,
        "done: gauge": around.gauge.resolved,
        "done: tile": int(around.tiles[-1].value),
        "open escalated: tile": int(tiles["status=open&escalated=yes"]),
        "open mine: rail": queues["status=open&assignee=me"],
        "open nobody's: rail": queues["status=open&assignee=nobody"],
        "open of my teams: rail": queues["status=open&my_teams=yes"],
        "open flagged: rail": queues["status=open&flagged=all"],
    }


def _reported(cases: Any) -> dict[str, int]:
    period = Period.last_days(30)
    figures, sources, units = headline(cases, period), by_source(cases, period), by_unit(cases, period, 100)
    return {
        "open: dashboard": figures.unresolved,
        "done: dashboard": figures.resolved,
        "open escalated: dashboard": figures.escalated,
        "open: dashboard's sources": sum(line.unresolved for line in sources),
        "open: dashboard's units": sum(line.unresolved for line in units),
        "done: dashboard's units": sum(line.resolved for line in units),
        "all: opened, by source": sum(line.opened for line in sources),
        "all: opened, by unit": sum(line.opened for line in units),
    }


def _home(world: SimpleNamespace, user: Any, now: Any) -> dict[str, int]:
    figures = {figure.query: figure.count for figure in standing(user, now)}
    mine = my_cases(user, now)
    return {
        "open: start page": figures["status=open"],
        "open escalated: start page": figures["status=open&escalated=yes"],
        "five of open mine: start page": len(mine),
        "all: wide change": would_resolve(world, user),
    }


def expected_numbers(world: SimpleNamespace, reader: int) -> dict[str, int]:
    """The same numbers from the plan."""
    plan = world.plan
    seen = [case for case in plan.cases if plan.may(reader, "view_case", case)]
    still = [case for case in seen if not case.is_resolved]
    mine = [case for case in still if case.assignee == reader]
    return {
        "all": len(seen),
        "open": len(still),
        "done": len(seen) - len(still),
        "with a unit": sum(case.unit is not None for case in seen),
        "flagged": sum("flagged" in case.marks for case in seen),
        "open escalated": sum("escalated" in case.marks for case in still),
        "open flagged": sum("flagged" in case.marks for case in still),
        "open mine": len(mine),
        "five of open mine": min(len(mine), 5),
        "open nobody's": sum(case.assignee is None for case in still),
        "open of my teams": sum(case.team is not None and reader in plan.teams[case.team] for case in still),
    }
