"""Which open cases will miss their deadline, with what chance; and how often such chances came true.

::

    pace = Paces.of(past, at=now)                  # how fast cases were resolved, by priority
    forecast = Forecast.of(cases, now, staffing)   # the chance of each open case, sums by team and by unit
    record = track_record(cases, now)              # what was said before, beside what happened

A case's age is counted in open hours of its own calendar, or by the wall clock where it has none. The chance that it
is still open at its deadline is the share of past cases of its priority that, having got as old as it is now, got as
old as it will be then. Fewer people at work make the hours between pass more slowly by their share.
"""

from case_management.reports.forecast.breaches import HORIZONS, Forecast, Risk, Sum
from case_management.reports.forecast.pace import Pace, Paces
from case_management.reports.forecast.staffing import Away, Staffing
from case_management.reports.forecast.track_record import Band, TrackRecord, track_record

__all__ = [
    "HORIZONS",
    "Away",
    "Band",
    "Forecast",
    "Pace",
    "Paces",
    "Risk",
    "Staffing",
    "Sum",
    "TrackRecord",
    "track_record",
]
