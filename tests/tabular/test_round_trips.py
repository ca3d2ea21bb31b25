"""What a writer wrote, a reader reads back: every text exactly, every type that the format has."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from case_management.tabular import FORMATS

from .tables import cells, read, written

AWKWARD = [
    "00123", "+49 30 901820", "1e5", "-1", "=cmd|' /C calc'!A0", "'=1+1", "''=1+1", "'", "'tis", "@SUM(A1)",
    "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "\uff1d1+1", "a\rb\r\nc\nd", "\r", "\n", '"', '""', ',";\t|',
    "12345678901234567890123", "😀 \u200f\u05e9\u05dc\u05d5\u05dd\u202e", "_x000D_", "_x005F_x000D_", "<&>]]>",
    "  spaces  ", "\x85\u2028\u2029", "é" * 1_000, "true", "null", "2026-01-02", "#N/A", "\x0b\x1c\x1d\x1e",
]  # fmt: skip
# No database keeps NUL and lone surrogates; a cell of a workbook keeps no other control characters either.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\r\n\x85")
)
MOMENTS = st.datetimes(
    datetime.fromisoformat("1900-03-02T00:00:00"),
    datetime.fromisoformat("2079-06-05T00:00:00"),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3.5))]),
)
TYPED = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1900, 3, 1), date(9999, 12, 30)),
)  # fmt: skip


def quick(count: int = 60) -> Any:
    return settings(max_examples=count, deadline=None)


def tables(cell: st.SearchStrategy[Any], width: int = 2) -> st.SearchStrategy[list[list[Any]]]:
    return st.lists(st.lists(cell, min_size=width, max_size=width), max_size=6)


def numbered(rows: list[list[Any]]) -> list[list[Any]]:
    """With a first column, so that no row is blank and thereby skipped."""
    return [[f"row {number}", *row] for number, row in enumerate(rows)]


@quick()
@given(tables(TEXT | st.sampled_from(AWKWARD)))
@example([[text, text] for text in AWKWARD])
@pytest.mark.parametrize("key", ["csv", "json", "jsonl"])
def test_every_text_comes_back_from_a_text_file(key: str, rows: list[list[str]]) -> None:
    expected = numbered(rows)

    assert cells(written(key, ["id", "a", "b"], expected), format=key) == (expected if rows else [])


@quick()
@given(tables(XML_TEXT | st.sampled_from(AWKWARD[:-1])))
@example([[text, text] for text in AWKWARD[:-1]])
def test_every_text_comes_back_from_a_workbook(rows: list[list[str]]) -> None:
    expected = [[cell or None for cell in row] for row in numbered(rows)]

    assert cells(written("xlsx", ["id", "a", "b"], numbered(rows))) == expected


@quick(50)
@given(st.lists(XML_TEXT.filter(str.strip), min_size=1, max_size=5, unique_by=str.strip))
@pytest.mark.parametrize("key", ["csv", "xlsx"])
def test_headers_come_back_in_their_spelling(key: str, headers: list[str]) -> None:
    rows = [[f"cell {number}" for number in range(len(headers))]] * 2

    assert read(written(key, headers, rows), format=key)[0] == headers


@quick()
@given(tables(TYPED))
def test_types_come_back_from_a_workbook(rows: list[list[Any]]) -> None:
    expected = numbered(rows)
    found = cells(written("xlsx", ["id", "a", "b"], expected))

    assert found == expected
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in expected]


@quick()
@given(st.lists(MOMENTS, min_size=1, max_size=5))
def test_moments_come_back_to_the_microsecond(moments: list[datetime]) -> None:
    rows = [[moment] for moment in moments]

    for key in ("csv", "json", "jsonl"):
        found = cells(written(key, ["at"], rows), format=key)
        assert [[datetime.fromisoformat(str(cell))] for [cell] in found] == rows
    # A sheet keeps the wall clock alone.
    assert cells(written("xlsx", ["at"], rows)) == [[moment.replace(tzinfo=None)] for moment in moments]


def test_late_moments_come_back_to_the_millisecond() -> None:
    moments = [datetime(year, 5, 4, 3, 2, 1, 999_000, tzinfo=UTC) for year in (2080, 2500, 9999)]

    found = cells(written("xlsx", ["at"], [[moment] for moment in moments]))

    assert found == [[moment.replace(tzinfo=None)] for moment in moments]


@quick()
@given(
    st.times().filter(lambda clock: clock != time.min),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=40_000)),
)
def test_times_and_durations_come_back_from_a_workbook(clock: time, duration: timedelta) -> None:
    assert cells(written("xlsx", ["t", "d"], [[clock, duration]])) == [[clock, duration]]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@quick()
@given(tables(JSON_VALUES))
@pytest.mark.parametrize("key", ["json", "jsonl"])
def test_types_come_back_from_json(key: str, rows: list[list[Any]]) -> None:
    expected = numbered(rows)

    assert cells(written(key, ["id", "a", "b"], expected), format=key) == expected


@pytest.mark.parametrize("number", [10**15, -(10**17), 12345678901234567890, Decimal("1234567890.1234567")])
def test_a_number_that_a_spreadsheet_would_round_is_text_there(number: Any) -> None:
    [[found]] = cells(written("xlsx", ["n"], [[number]]))

    assert (found == str(number)) or (isinstance(found, int) and found == number)


@pytest.mark.parametrize("key", FORMATS)
def test_numbers_that_are_none_become_text(key: str) -> None:
    rows = [[math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("-Infinity")]]

    [found] = cells(written(key, list("abcde"), rows), format=key)

    assert found == ["nan", "inf", "-inf", "NaN", "-Infinity"]


@pytest.mark.parametrize("key", FORMATS)
def test_a_file_that_was_read_and_written_again_is_the_same_file(key: str) -> None:
    rows = [[number, text, number / 4, number % 2 == 0] for number, text in enumerate(AWKWARD[:-1])]
    first = written(key, ["n", "=text", "f", "b"], rows)
    headers, found = read(first, format=key)

    assert written(key, headers, [list(row.values.values()) for row in found]) == first


def test_the_wall_clock_of_a_skipped_and_of_a_repeated_hour_is_unambiguous_with_its_offset() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = [
        datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC).astimezone(berlin),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(berlin),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(berlin),
    ]

    found = cells(written("csv", ["at"], [[moment] for moment in moments]))

    assert found == [
        ["2026-03-29T01:59:59.999999+01:00"],
        ["2026-10-25T02:30:00.000000+02:00"],
        ["2026-10-25T02:30:00.000000+01:00"],
    ]
