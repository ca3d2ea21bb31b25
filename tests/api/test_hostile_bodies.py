"""Whatever bytes come, the reply is a clear 4xx and nothing is stored."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from case_management.models import Interaction
from tests.api.conftest import RESPONSES

GOOD = {"source": "survey", "external_id": "1"}


def post(api: APIClient, body: bytes, content_type: str = "application/json") -> Any:
    return api.generic("POST", RESPONSES, body, content_type=content_type)


def code_of(reply: Any) -> str:
    problem = reply.json()
    assert set(problem) == {"code", "message", "errors"}
    assert problem["message"]
    assert not Interaction.objects.exists()
    return str(problem["code"])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b'{"source": NaN}', b'{"source": Infinity}', b'{"a": 1, "a": 2}', b"\xff\xfe{}",
        b'{"source": "\xff"}', b'{"source": "sur\x00vey"}', b"[" * 50_000, b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"9" * 5000, b"\xef\xbb\xbf{}", b'{"a": 1}{"b": 2}', b"1,",
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(api: APIClient, body: bytes) -> None:
    begun = time.monotonic()

    reply = post(api, body)

    assert reply.status_code in (400, 422)
    assert code_of(reply) in ("parse_error", "validation_failed")
    assert time.monotonic() - begun < 2


def test_a_name_that_stands_twice_could_mean_either_and_is_refused(api: APIClient) -> None:
    reply = post(api, b'{"source": "survey", "external_id": "1", "external_id": "2"}')

    assert (reply.status_code, code_of(reply)) == (400, "parse_error")
    assert "external_id" in reply.json()["message"]


def test_what_is_nested_too_deeply_is_refused(api: APIClient) -> None:
    deep: Any = 1
    for _ in range(50):
        deep = {"a": deep}

    reply = post(api, json.dumps({**GOOD, "answers": deep}).encode())

    assert (reply.status_code, code_of(reply)) == (400, "parse_error")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"source": "sur\\u0000vey"}', "source"),
        (b'{"comment": "a\\u0000b"}', "comment"),
        (b'{"comment": "\\ud800"}', "comment"),
        (b'{"answers": {"a\\u0000": 1}}', "answers"),
        (b'{"answers": {"a": ["\\udfff"]}}', "answers.a.0"),
        (b'{"contact": {"name": "\\u0000"}}', "contact.name"),
        (b'{"\\u0000": 1}', ""),
        (b'{"answers": {"a": 1e999}}', "answers.a"),
        (b'{"answers": {"a": 99999999999999999999}}', "answers.a"),
    ],
)
def test_what_no_database_keeps_is_named(api: APIClient, body: bytes, field: str) -> None:
    reply = post(api, body)

    assert (reply.status_code, code_of(reply)) == (422, "validation_failed")
    assert field in {error["field"] for error in reply.json()["errors"]}


def test_half_a_character_that_meets_its_other_half_is_a_character(api: APIClient) -> None:
    assert post(api, b'{"source": "survey", "external_id": "1", "comment": "\\ud83d\\ude00"}').status_code == 201
    assert Interaction.objects.get().comment == "😀"


def test_a_megabyte_is_taken_and_a_byte_more_is_not(api: APIClient) -> None:
    empty = json.dumps([{**GOOD, "raw": ""}]).encode()
    padding = 1024 * 1024 - len(empty)

    fits = post(api, empty + b" " * padding)
    too_large = post(api, empty + b" " * (padding + 1))

    assert fits.status_code == 422
    assert (too_large.status_code, code_of(too_large)) == (413, "body_too_large")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_other_types_of_content_are_refused(api: APIClient, content_type: str) -> None:
    reply = post(api, b"a=1&" * 1000, content_type)

    assert (reply.status_code, code_of(reply)) == (415, "unsupported_media_type")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["source", "external_id", "occurred_at", "unit", "score", "recommended", "wants_contact", "title", "comment",
     "answers", "visit", "contact", "colour"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.dictionaries(NAMES, JSON, max_size=6) | st.lists(st.dictionaries(NAMES, JSON), max_size=3) | JSON,
    sure=st.booleans(),
)
def test_any_json_is_stored_or_refused_but_never_breaks(api: APIClient, body: Any, sure: bool) -> None:
    if sure and isinstance(body, dict):
        body = {**body, **GOOD}
    before = Interaction.objects.count()

    reply = post(api, json.dumps(body).encode())

    assert reply.status_code in (200, 201, 400, 409, 422), reply.content
    assert (Interaction.objects.count() > before) == (reply.status_code == 201)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_any_bytes_are_refused_but_never_break(api: APIClient, body: bytes) -> None:
    assert post(api, body).status_code in (400, 422)
