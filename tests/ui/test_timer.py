"""The time to resolve, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from case_management.models import Case
from case_management.ui.timer import Tone, timer

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_case(**facts):
    """A case that is never saved, opened six hours ago."""
    return Case(**{"opened_at": NOW - timedelta(hours=6), **facts})


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(seconds=30), "less than a minute left", Tone.WARN),
        (timedelta(minutes=1), "1 minute left", Tone.WARN),
        (timedelta(minutes=59, seconds=59), "59 minutes left", Tone.WARN),
        (timedelta(hours=1), "1 hour left", Tone.WARN),
        (timedelta(hours=4), "4 hours left", Tone.CALM),
        (timedelta(hours=18, minutes=59), "18 hours left", Tone.CALM),
        (timedelta(hours=30), "30 hours left", Tone.CALM),
        (timedelta(days=5, hours=3), "5 days left", Tone.CALM),
        (timedelta(0), "less than a minute left", Tone.WARN),
        (timedelta(minutes=-5), "5 minutes past due", Tone.DANGER),
        (timedelta(hours=-9, minutes=-10), "9 hours past due", Tone.DANGER),
        (timedelta(days=-3), "3 days past due", Tone.DANGER),
    ],
)
def test_an_open_case_says_what_is_left_or_how_far_past_due_it_is(left, words, tone):
    shown = timer(a_case(due_at=NOW + left), NOW)
    assert (shown.text, shown.tone) == (words, tone)
    assert shown.at == NOW + left


def test_a_resolved_case_says_how_long_it_took_whatever_its_deadline_was():
    shown = timer(a_case(status="resolved", resolved_at=NOW, due_at=NOW + timedelta(hours=1)), NOW)
    assert (shown.text, shown.hint) == ("took 6 hours", "Resolved")
    assert shown.at == NOW


def test_a_case_that_was_resolved_after_its_deadline_says_so():
    late = a_case(status="closed", resolved_at=NOW, breached_at=NOW - timedelta(hours=1))
    assert timer(late, NOW).text == "took 6 hours, late"


def test_a_paused_clock_says_that_it_stands_and_hints_at_what_is_left():
    shown = timer(a_case(status="waiting", sla_remaining=7200), NOW)
    assert shown.text == "paused"
    assert shown.hint == "2 hours left when the clock runs again"


def test_a_deadline_by_hand_counts_even_while_the_clock_is_paused():
    assert (
        timer(a_case(status="waiting", sla_remaining=60, due_at=NOW + timedelta(hours=5)), NOW).text == "5 hours left"
    )


def test_without_a_deadline_it_says_that_there_is_none():
    assert timer(a_case(), NOW).text == "no deadline"


def test_the_words_are_made_when_they_are_shown():
    with translation.override("de"):
        assert timer(a_case(), NOW).text
