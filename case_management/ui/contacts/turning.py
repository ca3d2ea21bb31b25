"""Pages of a plain list: from an address to a place in it, and to the addresses beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from case_management import conf
from case_management.ui.paging import Cursor, Listing, Order, Segment


@dataclass(frozen=True)
class Turned:
    """Rows of one page; the queries of those beside are empty where there are none."""

    rows: list[Any]
    previous_query: str
    following_query: str


def turned(rows: Any, order: Order, asked: Mapping[str, str]) -> Turned:
    """The page that ``asked`` (an address's parameters) names, the first one where it names none of ours."""
    segment = Segment(rows.model.__name__, order)
    key = "before" if "before" in asked else "after"
    found = Cursor.decode(asked.get(key, ""), segment.name, rows.model, [segment])
    at = Cursor(found.segment, found.values, key == "before") if found else None
    leaf = Listing(rows, [segment]).page(at, conf.page_size())
    return Turned(
        [row for _name, row in leaf.rows],
        _turn("before", leaf.previous, segment.name),
        _turn("after", leaf.following, segment.name),
    )


def _turn(key: str, cursor: Cursor | None, name: str) -> str:
    return urlencode({key: cursor.encode(name)}) if cursor else ""
