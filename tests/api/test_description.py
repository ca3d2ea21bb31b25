"""The OpenAPI description is valid, complete and true."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from case_management.api import urls
from tests.api.conftest import RESPONSES

SCHEMA = "/api/v1/schema/"


def described() -> dict[str, Any]:
    reply = APIClient().get(SCHEMA, headers={"Accept": "application/vnd.oai.openapi+json"})
    assert reply.status_code == 200
    found: dict[str, Any] = json.loads(reply.content)
    return found


def test_the_description_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "schema.yml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path), stderr=StringIO())

    assert set(yaml.safe_load(path.read_text())["paths"]) == {
        "/api/v1/cases/", "/api/v1/cases/{reference}/", "/api/v1/responses/",
        "/api/v1/responses/{source}/{external_id}/",
    }  # fmt: skip


@pytest.mark.django_db
def test_everybody_may_read_the_description_and_it_is_of_this_api_alone() -> None:
    found = described()

    validate_schema(found)
    assert found["servers"] == [{"url": "/api/v1"}]
    assert len(found["paths"]) == len(urls.urlpatterns) - 1  # it does not describe itself
    for path in found["paths"]:
        assert get_resolver().resolve(f"/api/v1{path}".replace("{", "").replace("}", ""))


@pytest.mark.django_db
def test_replies_are_as_described(api: APIClient) -> None:
    schemas = described()["components"]["schemas"]
    stored = api.post(RESPONSES, {"source": "survey", "external_id": "1"}, format="json")
    listed = api.post(RESPONSES, [{"source": "survey", "external_id": "1"}], format="json")
    refused = api.post(RESPONSES, {"source": "nosuch"}, format="json")

    for reply, schema in ((stored, "Receipt"), (listed, "ListReceipt"), (refused, "Problem")):
        assert set(reply.json()) == set(schemas[schema]["required"]) == set(schemas[schema]["properties"])
    assert set(api.get(stored.json()["url"]).json()) == set(schemas["Status"]["required"])


@pytest.mark.django_db
def test_every_operation_says_what_its_errors_look_like() -> None:
    for path in described()["paths"].values():
        for operation in path.values():
            assert {"401", "403", "429", "503"} <= set(operation["responses"])
            assert operation["summary"]
            assert operation["security"]
