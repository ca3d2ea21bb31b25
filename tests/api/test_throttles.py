"""A client that sends too much is told when to come again; hosts choose how much that is."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from case_management.api.throttles import IntakeThrottle, ReadThrottle
from case_management.models import Interaction
from tests.api.conftest import RESPONSES, client_of, make_user


def with_rate(settings: Any, scope: str, rate: str | None) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {scope: rate}}


def send(api: APIClient, number: int, **headers: str) -> Any:
    body = {"source": "survey", "external_id": str(number)}
    return api.post(RESPONSES, body, format="json", headers=headers)


def test_too_many_requests_are_told_when_to_come_again(api: APIClient, settings: Any) -> None:
    with_rate(settings, "case_management_intake", "3/min")

    replies = [send(api, number) for number in range(5)]

    assert [reply.status_code for reply in replies] == [201, 201, 201, 429, 429]
    assert replies[4].json()["code"] == "throttled"
    assert 1 <= int(replies[4]["Retry-After"]) <= 60
    assert Interaction.objects.count() == 3


def test_each_client_is_counted_by_itself_whatever_it_writes_into_headers(api: APIClient, settings: Any) -> None:
    with_rate(settings, "case_management_intake", "1/min")
    other = client_of(make_user("other", "add_interaction"))

    assert send(api, 1).status_code == 201
    assert send(api, 2, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 429
    assert send(other, 3).status_code == 201


def test_reading_does_not_use_up_what_sending_may(api: APIClient, settings: Any) -> None:
    with_rate(settings, "case_management_intake", "2/min")
    url = send(api, 1).json()["url"]

    assert [api.get(url).status_code for _ in range(5)] == [200] * 5
    assert send(api, 2).status_code == 201


@pytest.mark.parametrize(("throttle", "rate"), [(IntakeThrottle, 6000), (ReadThrottle, 1200)])
def test_there_is_a_rate_where_the_host_sets_none(throttle: Any, rate: int) -> None:
    assert (throttle().num_requests, throttle().duration) == (rate, 60)


def test_a_host_may_switch_the_throttle_off(api: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IntakeThrottle, "default_rate", "1/min")
    with_rate(settings, "case_management_intake", None)

    assert [send(api, number).status_code for number in range(3)] == [201] * 3
