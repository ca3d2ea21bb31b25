"""The cases whose words stand in a case's timeline: those merged into it and into those, if one may see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from case_management.models import Case

#: A case merged into one that was merged into … is followed so far.
DEEPEST = 5


def all_merged(merged: Iterable[Case], visible: Any) -> dict[int, Case]:
    """The ``merged`` cases and those that were merged into them before, of those that the reader may see, by key.

    A query for each step of the longest chain; none where nothing was merged.
    """
    found = below = {case.pk: case for case in merged}
    for _level in range(DEEPEST):
        if not below:
            break
        below = {row.pk: row for row in visible.filter(merged_into__in=below).exclude(pk__in=found)}
        found = found | below
    return found
