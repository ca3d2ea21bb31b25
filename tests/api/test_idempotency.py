"""A request under a key has one effect and one reply, however often it is sent and whatever breaks on the way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from case_management.api import receiving
from case_management.intake import replies
from case_management.models import IdempotencyKey, Interaction, Source
from tests.api.conftest import RESPONSES, client_of, make_user

BODY = {"source": "survey", "external_id": "1", "comment": "Cold"}


def send(api: APIClient, body: Any = None, key: str = "k") -> Any:
    return api.post(RESPONSES, BODY if body is None else body, format="json", headers={"Idempotency-Key": key})


def test_the_first_reply_is_given_again_byte_by_byte(api: APIClient) -> None:
    first, again = send(api), send(api)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"]
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert Interaction.objects.count() == 1


def test_the_order_of_names_and_the_blanks_between_them_do_not_matter(api: APIClient) -> None:
    first = send(api)
    text = json.dumps(dict(reversed(BODY.items())), indent=8)

    again = api.post(RESPONSES, text, content_type="application/json", headers={"Idempotency-Key": "k"})

    assert (again.status_code, again.content) == (201, first.content)


def test_the_same_key_with_another_body_is_refused(api: APIClient) -> None:
    send(api)

    reply = send(api, {**BODY, "comment": "Warm"})

    assert (reply.status_code, reply.json()["code"]) == (409, "idempotency_key_reused")
    assert Interaction.objects.get().comment == "Cold"


def test_the_same_key_with_a_faulty_body_is_refused_too(api: APIClient) -> None:
    send(api)

    assert send(api, {"nonsense": 1}).status_code == 409


def test_a_request_that_failed_leaves_the_key_free(api: APIClient) -> None:
    refused = send(api, {**BODY, "score": 11})

    assert (refused.status_code, IdempotencyKey.objects.count()) == (422, 0)
    assert send(api, {**BODY, "score": 1}).status_code == 201


def test_a_conflict_leaves_the_key_free(api: APIClient) -> None:
    send(api, key="first")

    assert send(api, {**BODY, "comment": "Warm"}, key="k").status_code == 409
    assert send(api, {**BODY, "external_id": "2"}, key="k").status_code == 201


def test_the_reply_stays_the_same_after_the_source_is_switched_off(api: APIClient, survey: Source) -> None:
    first = send(api)
    Source.objects.filter(pk=survey.pk).update(is_active=False)

    assert send(api).content == first.content


def test_keys_of_two_clients_are_two_keys(api: APIClient) -> None:
    other = client_of(make_user("other", "add_interaction"))
    send(api)

    assert send(other, {**BODY, "external_id": "2"}).status_code == 201


def test_a_key_is_kept_for_the_days_that_the_host_chose_and_no_longer(api: APIClient, settings: Any) -> None:
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "IDEMPOTENCY_DAYS": 2}
    send(api)
    almost, over = timezone.now() - timedelta(hours=47), timezone.now() - timedelta(hours=49)

    IdempotencyKey.objects.update(created_at=almost)
    assert (replies.forget_expired(timezone.now()), send(api, {"other": 1}).status_code) == (0, 409)

    IdempotencyKey.objects.update(created_at=over)
    assert send(api, {**BODY, "external_id": "2"}).status_code == 201

    IdempotencyKey.objects.update(created_at=over)
    assert (replies.forget_expired(timezone.now()), IdempotencyKey.objects.count()) == (1, 0)


@pytest.mark.parametrize(("key", "status"), [("x" * 255, 201), ("x" * 256, 422), ("schlüssel", 422), ("a\tb", 422)])
def test_a_key_is_printable_and_has_at_most_255_characters(api: APIClient, key: str, status: int) -> None:
    reply = send(api, key=key)

    assert reply.status_code == status
    assert status == 201 or reply.json()["errors"][0]["field"] == "Idempotency-Key"


def test_what_breaks_before_the_end_leaves_nothing(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_after_storing(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise ZeroDivisionError

    real: Callable[..., Any] = receiving._single
    monkeypatch.setattr(receiving, "_single", break_after_storing)
    api.raise_request_exception = False

    assert send(api).status_code == 500
    assert (Interaction.objects.count(), IdempotencyKey.objects.count()) == (0, 0)

    monkeypatch.undo()
    assert send(api).status_code == 201


def test_without_a_database_the_reply_says_when_to_come_again(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> Any:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(receiving, "receive", unreachable)

    reply = send(api)

    assert (reply.status_code, reply.json()["code"], reply["Retry-After"]) == (503, "unavailable", "1")
    assert "closed" not in reply.content.decode()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="skipped: SQLite lets one transaction in at a time")
@pytest.mark.django_db(transaction=True)
class TestWhileTheFirstRequestStillRuns:
    """On PostgreSQL the first request is seen by its row's lock."""

    def hold(self, user: Any, seconds: float) -> threading.Thread:
        """Another transaction that owns the key for a while, then ends without a trace."""
        begun = threading.Event()

        def work() -> None:
            with transaction.atomic():
                IdempotencyKey.objects.create(user=user, key="k", request_digest="x", status=201)
                begun.set()
                time.sleep(seconds)
                transaction.set_rollback(True)
            connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        assert begun.wait(5)
        return thread

    def test_a_repetition_is_told_to_come_again(self, api: APIClient, reporter: Any) -> None:
        send(api, {**BODY, "external_id": "2"}, key="another")  # the first request of a process is slow
        thread = self.hold(reporter, replies.PATIENCE / 1000 + 1.5)

        reply = send(api)

        assert (reply.status_code, reply.json()["code"], reply["Retry-After"]) == (409, "request_in_flight", "1")
        thread.join()
        assert send(api).status_code == 201

    def test_a_repetition_goes_on_when_the_first_failed(self, api: APIClient, reporter: Any) -> None:
        send(api, {**BODY, "external_id": "2"}, key="another")  # the first request of a process is slow
        thread = self.hold(reporter, 1)

        assert send(api).status_code == 201
        thread.join()

    def test_patience_ends_with_the_key(self, api: APIClient, reporter: Any) -> None:
        with transaction.atomic():
            replies._claimed(reporter, "k", "x")
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                assert cursor.fetchone() == ("0",)
