"""The forecast's page in both admins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_user
from tests.ui.conftest import make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def soon(db):
    """A case that is due in three hours, and some that were resolved."""
    now, reason = timezone.now(), models.ClosureReason.objects.create(name="Solved")
    for hours in range(1, 40):
        opened = now - timedelta(days=40) + timedelta(hours=18 * hours)
        case = make_case(by=at(opened), deadline=opened + timedelta(hours=24))
        solution = operations.Resolution(reason, "Called and apologised")
        operations.resolve_case(case, solution, by=at(opened + timedelta(hours=hours)))
    return make_case(title="Lamp <b>out</b>", by=at(now - timedelta(hours=5)), deadline=now + timedelta(hours=3))


def at(moment):
    return Actor.importing(None, batch="b", at=moment)


def test_the_page_names_the_case_its_chance_and_the_record(case_door, client, soon):
    client.force_login(make_user("manager", role="Case manager"))
    page = client.get(case_door.url("forecast"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Lamp &lt;b&gt;out&lt;/b&gt;" in text
    assert "Missed in fact" in text
    assert page.context["totals"]["cells"][0][0] == 1


def test_people_away_are_counted_and_nonsense_is_named(case_door, client, soon):
    client.force_login(make_user("manager", role="Case manager"))
    today = timezone.localdate().isoformat()
    page = client.get(case_door.url("forecast"), {"people": 1, "day": today})
    (risk, chance, usual), *_rest = page.context["risks"]
    assert risk.pk == soon.pk
    assert chance >= usual
    refused = client.get(case_door.url("forecast"), {"people": 0, "day": "soon"})
    assert refused.status_code == 200
    assert set(refused.context["form"].errors) == {"people", "day"}
    assert refused.context["what_if"] is None


def test_programs_get_json(case_door, client, soon):
    client.force_login(make_user("manager", role="Case manager"))
    found = client.get(case_door.url("forecast"), {"format": "json"}).json()
    assert [one["reference"] for one in found["cases"]] == [soon.reference]
    assert found["total"]["hours"]["4"]["due"] == 1
    assert sum(band["count"] for band in found["track_record"]["bands"]) == found["track_record"]["count"] > 0


def test_it_is_for_those_who_see_the_dashboard(case_door, client, soon):
    client.force_login(make_viewer("vera", None))
    assert client.get(case_door.url("forecast")).status_code in (302, 403)
    client.force_login(make_viewer("dora", None, "view_dashboard"))
    assert client.get(case_door.url("forecast")).status_code == 200
