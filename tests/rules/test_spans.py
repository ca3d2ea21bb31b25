"""Lengths of time: what a rule may write, and where plain and business time lead from a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_management.exceptions import InvalidConfiguration
from case_management.rules.conditions.spans import checked_span, read_span
from case_management.sla.calendar import Calendar, parse_hours

OFFICE = Calendar(
    "Europe/London",
    (*[parse_hours("09:00-17:00")] * 5, *[parse_hours("")] * 2),
    {date(2026, 12, 25): parse_hours("")},
)
LONDON = ZoneInfo("Europe/London")
MOMENTS = st.integers(0, 365 * 1440).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("4 hours", "4 hours"),
        ("1 hour", "1 hours"),
        ("2  Business Days", "2 business days"),
        ("90 minutes", "90 minutes"),
    ],
)
def test_a_length_of_time_is_read_as_people_write_it(written, stored):
    assert checked_span(written) == stored


@pytest.mark.parametrize(
    "written", ["", "soon", "0 hours", "-1 days", "2 weeks", "99999999 days", "4000 days", "1.5 hours"]
)
def test_what_is_no_length_of_time_is_refused_with_an_example(written):
    with pytest.raises(InvalidConfiguration, match="length of time"):
        checked_span(written)


@pytest.mark.parametrize(
    ("span", "now", "before"),
    [
        # Tuesday 15:00; one business hour lies wholly inside the day, nine reach into the day before.
        ("1 business hours", "2026-11-24T15:00", "2026-11-24T14:00"),
        ("9 business hours", "2026-11-24T15:00", "2026-11-23T14:00"),
        ("8 business hours", "2026-11-23T10:00", "2026-11-20T10:00"),
        # Two open days before Tuesday are Monday and Friday.
        ("2 business days", "2026-11-24T15:00", "2026-11-20T15:00"),
        ("2 days", "2026-11-24T15:00", "2026-11-22T15:00"),
        # Christmas is a holiday, a Friday; Monday minus one is Thursday.
        ("1 business days", "2026-12-28T12:00", "2026-12-24T12:00"),
    ],
)
def test_business_time_skips_what_is_closed_and_plain_time_does_not(span, now, before):
    assert read_span(span).before(at(now), OFFICE) == at(before)


@settings(deadline=None, max_examples=200)
@given(
    MOMENTS,
    st.integers(1, 60),
    st.sampled_from(["1 business days", "3 business days", "5 business hours", "90 minutes", "2 days"]),
)
def test_a_later_moment_never_leads_further_back(moment, minutes, written):
    span = read_span(written)
    assert span.before(moment, OFFICE) <= span.before(moment + timedelta(minutes=minutes), OFFICE)
    assert span.after(moment, OFFICE) <= span.after(moment + timedelta(minutes=minutes), OFFICE)


@settings(deadline=None, max_examples=200)
@given(
    MOMENTS,
    st.integers(1, 30),
)
def test_business_hours_before_a_moment_measure_exactly_that_much(moment, hours):
    before = read_span(f"{hours} business hours").before(moment, OFFICE)
    assert OFFICE.between(before, moment) == timedelta(hours=hours)


def test_hours_that_never_open_let_no_business_time_pass():
    closed = Calendar("UTC", (parse_hours(""),) * 7)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for written in ("1 business hours", "1 business days"):
        assert read_span(written).before(now, closed) < now - timedelta(days=3000)
