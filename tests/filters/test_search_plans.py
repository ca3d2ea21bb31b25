"""No question of the list needs to read a whole table, and none asks more often because there is more."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import case_list
from benchmarks.case_list_data import write
from case_management.models import Case

CASES = 3000


pytestmark = pytest.mark.drifts_on_purpose


@pytest.fixture
def filled(postgres, db):
    """Cases as the benchmark makes them, and a planner that reads whole tables only where it must."""
    write(CASES)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")


def statements(client, page):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
        return [query["sql"] for query in asked.captured_queries]


def test_every_page_of_the_list_can_be_read_along_indexes(filled, monkeypatch):
    monkeypatch.setattr(case_list, "MANY_ROWS", 0)
    client = Client()
    client.force_login(get_user_model()._default_manager.get(username="morgan.manager"))
    found = set()
    for name, query in case_list.pages():
        asked = statements(client, f"{reverse('admin:case_management:list')}?{query or 'view=all'}")
        found |= {(name, table) for sql in asked for table in case_list.scans(connection, sql)}
    assert found == set()


def test_a_page_of_many_cases_asks_as_often_as_a_page_of_few(filled):
    client = Client()
    client.force_login(get_user_model()._default_manager.get(username="morgan.manager"))
    address = reverse("admin:case_management:list")
    queries = ("view=all", "q=hotel", "q=hotel&panel=open", "status=open&sort=priority")
    statements(client, f"{address}?view=all")
    many = [len(statements(client, f"{address}?{query}&opened_before=2029-01-01")) for query in queries]
    keys = Case.objects.order_by("pk").values_list("pk", flat=True)
    Case.objects.filter(pk__lt=keys[CASES - 100]).update(opened_at="2030-01-01T00:00Z")
    few = [len(statements(client, f"{address}?{query}&opened_before=2029-01-01")) for query in queries]
    assert many == few
