"""Open cases follow when a priority gets another rank."""

from __future__ import annotations

from typing import Any

from case_management.bulk.entries import Misranked
from case_management.bulk.run import run_now
from case_management.bulk.start import runs_inline, start


def follow_ranks(user: Any) -> None:
    """Give the open cases that ``user`` may change the rank that their priority has now: few at once, many later."""
    if not user.has_perm("case_management.change_case"):
        return
    found = Misranked(user, query="")
    change = start("rerank", {}, found, expected=found.cases().count())
    if runs_inline(change):
        run_now(change)
