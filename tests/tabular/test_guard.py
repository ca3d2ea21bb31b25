"""A guarded text is no formula, and the guard comes off exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_management.tabular.guard import guard, guard_marked, unguard

STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
INVISIBLE = " \u00a0\u200b\u2060\u3000\ufeff"
tricky_texts = st.text(st.sampled_from(STARTS + INVISIBLE + "'\"1a"), max_size=6) | st.text()


@given(tricky_texts)
def test_the_guard_comes_off_exactly(text: str) -> None:
    assert unguard(guard(text)) == text
    assert unguard(guard_marked(text)) == text


@given(st.text(st.sampled_from(INVISIBLE), max_size=3), st.sampled_from(STARTS), st.text())
def test_what_a_spreadsheet_takes_for_a_formula_gets_a_quote_in_front(lead: str, start: str, rest: str) -> None:
    assert guard(lead + start + rest) == "'" + lead + start + rest


@given(tricky_texts)
def test_a_guarded_text_starts_with_no_sign_of_a_formula(text: str) -> None:
    assert guard(text).lstrip(INVISIBLE)[:1] not in {*STARTS} - {""}


@pytest.mark.parametrize("text", ["", "plain", "1-2", "a=b", "'", "'tis", "''", "O'Neill", "“=1”", '"=1'])
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text
