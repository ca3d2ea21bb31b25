"""Hours, holidays, policies and defaults are checked where they are typed."""

from __future__ import annotations

import pytest
from django.test import Client

from case_management.models import (
    Priority,
)
from tests.ui.setup.doors import (
    CLOSED_AT_WEEKENDS,
    SAMPLES,
    SCREEN,
    Door,
    created,
    named_sample,
    refused,
)

pytestmark = pytest.mark.django_db


class TestTimes:
    """Hours are checked at the field; a policy asks for its promise itself."""

    @pytest.mark.parametrize(
        ("hours", "complaint"),
        [
            ("9 to 5", "is not a time range"),
            ("09:00-25:00", "is not on the clock"),
            ("17:00-09:00", "must end later"),
        ],
    )
    def test_wrong_hours_are_named_at_their_day(self, admin: Client, door: Door, hours: str, complaint: str) -> None:
        data = {**SAMPLES["businesscalendar"]().new, "wednesday": hours}
        assert complaint in refused(admin.post(door.url(SCREEN["businesscalendar"], "add"), data), "wednesday")

    def test_hours_are_kept_in_one_spelling(self, admin: Client, door: Door) -> None:
        data = {**SAMPLES["businesscalendar"]().new, "monday": "13:00 - 17:00 , 9:00–12:30", "sunday": "00:00-24:00"}
        made = created(admin, door, SCREEN["businesscalendar"], data)
        assert (made.monday, made.sunday) == ("09:00-12:30, 13:00-17:00", "24h")

    def test_a_calendar_that_never_opens_is_refused(self, admin: Client, door: Door) -> None:
        data = {**SAMPLES["businesscalendar"]().new, **dict.fromkeys(CLOSED_AT_WEEKENDS, "")}
        assert "at least one day" in refused(admin.post(door.url(SCREEN["businesscalendar"], "add"), data), "monday")

    def test_a_time_zone_is_one_of_the_worlds(self, admin: Client, door: Door) -> None:
        data = {**SAMPLES["businesscalendar"]().new, "timezone": "Mars/Olympus"}
        assert refused(admin.post(door.url(SCREEN["businesscalendar"], "add"), data), "timezone")

    def test_a_policy_keeps_its_promise_on_its_own_form(self, admin: Client, door: Door) -> None:
        new = SAMPLES["slapolicy"]().new
        policy = created(admin, door, SCREEN["slapolicy"], new)
        assert [target.minutes for target in policy.targets.all()] == [480]
        page = admin.get(door.url(SCREEN["slapolicy"], "change", policy.pk)).content.decode()
        assert 'value="480"' in page
        response = admin.post(door.url(SCREEN["slapolicy"], "change", policy.pk), {**new, "minutes": 90})
        assert response.status_code == 302
        assert [target.minutes for target in policy.targets.all()] == [90]

    def test_a_promise_takes_time(self, admin: Client, door: Door) -> None:
        assert refused(
            admin.post(door.url(SCREEN["slapolicy"], "add"), {**SAMPLES["slapolicy"]().new, "minutes": 0}), "minutes"
        )

    def test_dates_need_no_script(self, admin: Client, door: Door) -> None:
        page = admin.get(door.url(SCREEN["holiday"], "add")).content.decode()
        assert 'type="date"' in page

    def test_the_default_priority_is_on_offer(self, admin: Client, door: Door) -> None:
        default = Priority.objects.create(name="Normal", rank=3, is_default=True)
        data = {"name": "Normal", "rank": 3, "position": 0, "is_default": "on"}
        response = admin.post(door.url(SCREEN["priority"], "change", default.pk), data)
        assert "default" in refused(response, "is_active")

    def test_reopening_needs_days(self, admin: Client, door: Door) -> None:
        data = named_sample(kind="survey", after_resolve="reopen", reopen_days=0).new
        assert "how many days" in refused(admin.post(door.url(SCREEN["source"], "add"), data), "reopen_days")
