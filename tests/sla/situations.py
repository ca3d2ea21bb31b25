"""Hypothesis strategies for calendars and instants, close to clock changes and far from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from case_management.sla.calendar import Calendar

from .oracle import Book

# UTC instants at which the offset changes: forwards, backwards, by 30 minutes, by two hours, by a whole day,
# at local midnight, for Ramadan. Some zones do not change at all.
CLOCK_CHANGES = {
    "Africa/Cairo": ["2025-04-24T22:00", "2027-10-28T21:00"],
    "Africa/Casablanca": ["2019-05-05T02:00", "2023-04-23T02:00", "2027-02-07T02:00", "2027-03-14T02:00"],
    "America/Caracas": ["2007-12-09T07:00", "2016-05-01T07:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "America/Santiago": ["2026-04-05T03:00", "2027-09-05T04:00"],
    "America/St_Johns": ["2011-03-13T03:31", "2020-11-01T04:30", "2027-03-14T05:30"],
    "Antarctica/Troll": ["2027-03-28T01:00", "2027-10-31T01:00"],
    "Asia/Gaza": ["2011-07-31T21:00", "2025-04-12T00:00", "2027-10-29T23:00"],
    "Asia/Kathmandu": [],
    "Asia/Kolkata": [],
    "Asia/Pyongyang": ["2015-08-14T15:00"],
    "Australia/Lord_Howe": ["2025-04-05T15:00", "2027-10-02T15:30"],
    "Europe/Berlin": ["2027-03-28T01:00", "2027-10-31T01:00"],
    "Pacific/Apia": ["2011-09-24T14:00", "2011-12-30T10:00", "2012-03-31T14:00"],
    "Pacific/Chatham": ["2027-04-03T14:00", "2027-09-25T14:00"],
    "UTC": [],
}
DAY = timedelta(days=1)
Week = tuple[tuple[tuple[int, int], ...], ...]


class Situation(NamedTuple):
    """Opening hours and an instant to ask them about."""

    book: Book
    at: datetime

    @property
    def calendar(self) -> Calendar:
        """The code under test, given the hours as entered."""
        return Calendar(*self.book)


def interval_starting(start: int) -> st.SearchStrategy[tuple[int, int]]:
    """An interval that runs to any later minute, midnight included."""
    return st.integers(start + 1, 1440).map(lambda end: (start, end))


intervals = st.one_of(
    st.sampled_from([(540, 1020), (1320, 1440), (0, 1440), (0, 180), (90, 150), (60, 120), (720, 780)]),
    st.integers(0, 1439).flatmap(interval_starting),
)
hours = st.lists(intervals, max_size=3).map(tuple)
weeks = st.one_of(
    st.tuples(*[hours] * 7),
    st.sampled_from(
        [(((540, 750), (780, 1020)),) * 5 + ((),) * 2, (((0, 1440),),) * 7, (((1320, 1440), (0, 120)),) * 7]
    ),
)


def opens_an_hour(week: Week) -> bool:
    """Ten days of open time are then years away at most, not centuries."""
    return any(end - start >= 60 for day in week for start, end in day)


def durations(longest: timedelta) -> st.SearchStrategy[timedelta]:
    """From nothing to the longest, most of them odd to the microsecond and some on the minute."""
    whole = st.integers(0, longest // timedelta(minutes=1)).map(lambda minutes: timedelta(minutes=minutes))
    return whole | st.timedeltas(timedelta(), longest)


@st.composite
def instants(draw: st.DrawFn, zone: str) -> datetime:
    """Within two days of a clock change of the zone, or anywhere from 1990 to 2059."""
    changes = CLOCK_CHANGES[zone]
    if changes and draw(st.integers(0, 3)) > 0:
        return datetime.fromisoformat(draw(st.sampled_from(changes)) + "Z") - 2 * DAY + draw(durations(4 * DAY))
    return datetime(1990, 1, 1, tzinfo=UTC) + draw(durations(70 * 365 * DAY))


@st.composite
def situations(draw: st.DrawFn, *, ever_open: bool = False) -> Situation:
    """Opening hours with holidays and special hours around the instant."""
    zone = draw(st.sampled_from(sorted(CLOCK_CHANGES)))
    at = draw(instants(zone))
    weekly = draw(weeks.filter(opens_an_hour) if ever_open else weeks)
    near = st.integers(-3, 4).map(lambda days: date.fromordinal(at.toordinal() + days))
    return Situation(Book(zone, weekly, draw(st.dictionaries(near, hours, max_size=3))), at)
