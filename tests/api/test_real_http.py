"""Many clients at once, over real HTTP."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from rest_framework.authtoken.models import Token

from case_management.models import Contact, Interaction, Source
from tests.api.conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)

Answer = tuple[int, bytes, dict[str, str]]


class Caller:
    """Sends bytes to the live server as a program would."""

    def __init__(self, url: str) -> None:
        Source.objects.create(key="survey", name="Survey")
        self.host = urlsplit(url).netloc
        self.token = Token.objects.create(user=make_user("reporter", "add_interaction")).key

    def post(self, body: bytes, **headers: str) -> Answer:
        """One request on a connection of its own."""
        line = http.client.HTTPConnection(self.host, timeout=60)
        every = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        line.request("POST", "/api/v1/responses/", body, {**every, **headers})
        reply = line.getresponse()
        found = reply.status, reply.read(), dict(reply.headers)
        line.close()
        return found


@pytest.fixture
def caller(live_server: Any) -> Caller:
    """A program with a token."""
    return Caller(live_server.url)


def spelled(body: dict[str, Any], chance: random.Random) -> bytes:
    """The same content with other blanks and another order of names."""
    items = list(body.items())
    chance.shuffle(items)
    return json.dumps(dict(items), indent=chance.choice([None, 1, 4])).encode()


def test_100_keys_sent_five_times_each_by_ten_clients_at_once(caller: Caller) -> None:
    chance = random.Random(7)
    bodies = {
        f"key-{n}": {"source": "survey", "score": n % 10, "comment": f"No. {n}",
                     "contact": {"emails": [f"customer{n % 20}@example.org"]}}
        for n in range(100)
    }  # fmt: skip
    sent = [(key, spelled(body, chance)) for key, body in bodies.items() for _ in range(5)]
    chance.shuffle(sent)

    def send(request: tuple[str, bytes]) -> tuple[str, Answer]:
        for _ in range(50):
            status, body, headers = caller.post(request[1], **{"Idempotency-Key": request[0]})
            if status != 409:
                break
            assert json.loads(body)["code"] == "request_in_flight"
            time.sleep(float(headers["Retry-After"]))
        return request[0], (status, body, headers)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, sent))

    replies: dict[str, set[tuple[int, bytes]]] = defaultdict(set)
    for key, (status, body, _headers) in answers:
        replies[key].add((status, body))
    assert {status for each in replies.values() for status, _body in each} == {201}
    assert {len(each) for each in replies.values()} == {1}
    assert Interaction.objects.count() == 100
    assert Contact.objects.count() == 20

    for key in list(bodies)[:5]:
        status, body, _headers = caller.post(
            json.dumps({**bodies[key], "score": 10}).encode(), **{"Idempotency-Key": key}
        )
        assert (status, json.loads(body)["code"]) == (409, "idempotency_key_reused")
    assert Interaction.objects.count() == 100


def test_without_keys_the_ids_do_the_same(caller: Caller) -> None:
    sent = [json.dumps({"source": "survey", "external_id": str(n % 20)}).encode() for n in range(100)]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(caller.post, sent))

    statuses = [status for status, _body, _headers in answers]
    assert (statuses.count(201), statuses.count(200)) == (20, 80)
    assert len({body for _status, body, _headers in answers}) == Interaction.objects.count() == 20


def test_a_body_of_50_megabytes_gets_its_reply_at_once(caller: Caller) -> None:
    begun = time.monotonic()

    status, body, _headers = caller.post(b'{"source": "' + b"x" * 50 * 1024 * 1024 + b'"}')

    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert time.monotonic() - begun < 5
    assert caller.post(b'{"source": "survey", "external_id": "1"}')[0] == 201


def test_json_nested_100_000_deep_is_refused(caller: Caller) -> None:
    status, body, _headers = caller.post(b"[" * 100_000 + b"]" * 100_000)

    assert (status, json.loads(body)["code"]) == (400, "parse_error")
    assert caller.post(b'{"source": "survey", "external_id": "1"}')[0] == 201
