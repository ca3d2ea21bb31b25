"""Patterns run on RE2: what it cannot run is refused when the rule is saved, and nothing takes long."""

from __future__ import annotations

import time

import pytest

from case_management.exceptions import InvalidConfiguration
from case_management.rules.conditions.patterns import checked_pattern, found_in


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a" * 501, "", "  ", "a\x00", 5, "(a{1000}){1000}"])
def test_a_pattern_that_cannot_run_safely_is_refused(pattern):
    with pytest.raises(InvalidConfiguration):
        checked_pattern(pattern)


def test_a_pattern_is_found_anywhere_and_in_unicode():
    assert found_in("Der Ärger war groß.", r"(?i)ärger\b")
    assert found_in("Flight BA0117 was late", r"\bBA\d{4}\b")
    assert not found_in("", "a")
    assert not found_in(None, ".*")


def test_a_pattern_that_takes_years_elsewhere_takes_no_time_here():
    begun = time.perf_counter()
    assert not found_in("a " * 50_000 + "!", r"^(\w+\s?)*$")
    assert time.perf_counter() - begun < 2
