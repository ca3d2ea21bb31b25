"""SLA policies of which one stands in the way of another: the first that fits applies, so a later one may never."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from case_management.models import Topic, Unit
from case_management.rules.lint_finding import Finding, Severity
from case_management.sla.policy_reading import branches, read_policies
from case_management.sla.terms import Terms

_TREES: Mapping[str, Any] = {"topics": Topic, "units": Unit}


def overlapping_policies() -> Iterator[Finding]:
    """Active policies that no case comes to: an earlier one asks for the same, or for less."""
    active = [(policy, terms) for policy, terms in read_policies() if policy.is_active]
    below = _below([terms for _policy, terms in active])
    for at, (policy, terms) in enumerate(active):
        for other, wider in active[:at]:
            if _covers(wider, terms, below):
                same = _asks(wider) == _asks(terms)
                why = _("“%s” stands before it and is for the same cases.") if same else ""
                why = why or _("“%s” stands before it and is for all its cases.")
                mend = _("Put it before that one, or switch one of them off.")
                yield Finding("sla_overlap", Severity.ERROR, policy.key, policy.name, "", why % other, mend)
                break


def _asks(terms: Terms) -> dict[str, set[int]]:
    return {name: set(ids) for name, ids in terms.asked.items() if ids}


def _below(all_terms: list[Terms]) -> dict[str, dict[int, frozenset[int]]]:
    """Each topic and unit that a policy asks for, with all below it."""
    return {
        name: branches(model, {pk for terms in all_terms for pk in terms.asked.get(name, ())})
        for name, model in _TREES.items()
    }


def _covers(wider: Terms, terms: Terms, below: Mapping[str, Mapping[int, frozenset[int]]]) -> bool:
    """Whether every case that fits ``terms`` fits the wider ones: in each set that these ask for."""
    narrow = _asks(terms)
    for name, ids in _asks(wider).items():
        reached = ids.union(*(below.get(name, {}).get(pk, frozenset()) for pk in ids))
        if not narrow.get(name) or not narrow[name] <= reached:
            return False
    return True
