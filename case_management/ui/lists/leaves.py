"""One page of the list: by status and keyset, or, of a search, the best matches."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from case_management import conf
from case_management.filters.search import meant
from case_management.ui.lists.question import Question
from case_management.ui.lists.rows import Scene, for_list, groups, matches
from case_management.ui.lists.sorting import BEST
from case_management.ui.paging import Cursor, Listing

#: Digits of a place among the best matches; longer ones are nobody's.
_LONGEST_PLACE = 6


def leaf(question: Question, scene: Scene) -> dict[str, Any]:
    """What the template shows of the rows: groups, total, and the addresses of the pages beside."""
    page = _best(question, scene) if question.sort is BEST else _by_status(question, scene)
    return {"count_cap": question.cap, **page}


def instead(question: Question, cases: Any) -> dict[str, Any]:
    """What a search that shows nothing offers: the same over all ``cases``, or another wording."""
    text = question.text
    if not text:
        return {}
    if question.filters.hits.cases.exists():
        return {"wider_query": urlencode({"q": text})}
    other = meant(cases, text)
    return {"meant": other.text, "meant_query": urlencode({"q": other.text})} if other else {}


def _by_status(question: Question, scene: Scene) -> dict[str, Any]:
    dress = partial(for_list, is_search=bool(scene.text))
    page = Listing(question.listed, question.segments, "status", dress).page(question.cursor, conf.page_size())
    order = question.sort.key
    return {
        "groups": groups(page.rows, question.counts, scene),
        "total": sum(question.counts.values()) if question.counts is not None else None,
        "previous_query": _turn(question, "before", page.previous, order),
        "following_query": _turn(question, "after", page.following, order),
    }


def _best(question: Question, scene: Scene) -> dict[str, Any]:
    """The best matches are few, so a page is a slice of their ids."""
    ids, size = question.best_first, conf.page_size()
    asked = question.data.get("after", "")
    is_place = asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_PLACE
    first = min(int(asked), len(ids)) if is_place else 0
    wanted = ids[first : first + size]
    found = for_list(question.rows.model.objects, is_search=True).in_bulk(wanted)
    return {
        "groups": matches([found[pk] for pk in wanted if pk in found], len(ids), scene),
        "total": len(ids),
        "previous_query": question.query(after=str(max(first - size, 0))) if first else "",
        "following_query": question.query(after=str(first + size)) if first + size < len(ids) else "",
    }


def _turn(question: Question, key: str, cursor: Cursor | None, order: str) -> str:
    return question.query(**{key: cursor.encode(order)}) if cursor else ""
