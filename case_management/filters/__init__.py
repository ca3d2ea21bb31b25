"""The one filter set of cases: list, export, API, reports and saved views ask the same questions."""

from case_management.filters.case_set import SHORTCUTS, CaseFilterSet
from case_management.filters.search import search

__all__ = ["SHORTCUTS", "CaseFilterSet", "search"]
