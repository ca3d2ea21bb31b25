"""Saved views over HTTP, in both admins: kept, opened with the list, pinned, ordered, shared, and nobody else's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models
from case_management.testing import make_case, make_user
from case_management.ui.reader import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(case_door):
    """The address of the list in either admin."""
    return case_door.url("list")


@pytest.fixture
def office(db):
    """An owner, a colleague of the same team, and somebody else; one open case each for two people."""
    owner, colleague, other = (make_user(name, role="Case manager") for name in ("owner", "colleague", "other"))
    team = models.Team.objects.create(name="Care")
    team.members.set([owner, colleague])
    make_case(title="A case")
    return SimpleNamespace(owner=owner, colleague=colleague, other=other, team=team)


def save(browser, door, name, query, **more):
    reply = browser.post(f"{door}views/", {"name": name, "query": query, **more})
    return models.SavedView.objects.filter(name=name).first(), reply


def step(browser, door, view, what, **data):
    return browser.post(f"{door}views/{view.pk}/{what}/", data).status_code


def names(browser, door):
    """Names of the views in the rail, in order."""
    return [view.name for view, _address in browser.get(f"{door}?view=all").context["views"]]


def test_a_saved_view_opens_with_its_filters_and_its_name(office, door, signed_in):
    browser = signed_in(office.owner)
    view, reply = save(browser, door, "New ones", "status=new&sort=oldest&after=x&panel=open&view=3")
    assert view.query == "status=new&sort=oldest"
    assert reply["Location"] == f"{door}?status=new&sort=oldest&view={view.pk}"
    page = browser.get(reply["Location"])
    assert page.context["current_view"] == view
    assert not page.context["view_is_changed"]
    assert not browser.get(f"{door}?sort=oldest&view={view.pk}&status=new").context["view_is_changed"]
    assert browser.get(f"{door}?status=waiting&view={view.pk}").context["view_is_changed"]


def test_the_default_opens_with_the_list_and_everything_can_still_be_seen(office, door, signed_in):
    browser = signed_in(office.owner)
    view, _reply = save(browser, door, "Waiting", "status=waiting")
    second, _reply = save(browser, door, "New", "status=new")
    assert browser.get(door).status_code == 200
    assert step(browser, door, view, "default") == 302
    assert browser.get(door)["Location"] == f"{door}?status=waiting&view={view.pk}"
    step(browser, door, second, "default")
    assert browser.get(door)["Location"] == f"{door}?status=new&view={second.pk}"
    assert browser.get(f"{door}?view=all").context["total"] == 1
    assert signed_in(office.colleague).get(door).status_code == 200
    step(browser, door, second, "undefault")
    assert browser.get(door).status_code == 200


def test_a_view_of_everything_can_be_the_default(office, door, signed_in):
    browser = signed_in(office.owner)
    view, _reply = save(browser, door, "All", "")
    step(browser, door, view, "default")
    assert browser.get(browser.get(door)["Location"]).context["total"] == 1


def test_pins_are_everybodys_own_and_stand_in_the_menu_of_either_admin(office, door, signed_in):
    browser = signed_in(office.owner)
    view, _reply = save(browser, door, "For the menu", "status=new", team=office.team.pk)
    step(signed_in(office.colleague), door, view, "pin")
    for user, expected in ((office.owner, []), (office.colleague, [view])):
        fresh = type(user).objects.get(pk=user.pk)
        assert [view for view, _query in Reader.of(fresh).pins] == expected
    text = signed_in(office.colleague).get(f"{door}dashboard/").content.decode().replace("&amp;", "&")
    assert f"{door}?status=new&view={view.pk}" in text.replace("\\u0026", "&")
    assert step(signed_in(office.colleague), door, view, "unpin") == 302
    assert Reader.of(type(user).objects.get(pk=office.colleague.pk)).pins == []


def test_owners_rename_share_update_order_and_delete(office, door, signed_in):
    browser = signed_in(office.owner)
    first, second, third = (save(browser, door, name, f"status={name}")[0] for name in ("new", "waiting", "closed"))
    assert names(browser, door) == ["new", "waiting", "closed"]
    step(browser, door, third, "up")
    step(browser, door, first, "down")
    assert names(browser, door) == ["closed", "new", "waiting"]
    step(browser, door, first, "change", name="Fresh", team=office.team.pk)
    step(browser, door, first, "update", query="status=new&assignee=me", back="list")
    first.refresh_from_db()
    assert (first.name, first.team, first.query) == ("Fresh", office.team, "status=new&assignee=me")
    step(browser, door, second, "change", name="Fresh", team="")
    step(browser, door, second, "update", query="unit=nowhere")
    second.refresh_from_db()
    assert (second.name, second.query) == ("waiting", "status=waiting")
    step(browser, door, second, "delete")
    assert names(browser, door) == ["closed", "Fresh"]
    page = browser.get(f"{door}views/")
    assert [view.name for view, _address in page.context["own"]] == ["closed", "Fresh"]


def test_a_team_sees_what_is_shared_with_it_but_only_the_owner_changes_it(office, door, signed_in):
    private, _reply = save(signed_in(office.owner), door, "Private", "status=new")
    shared, _reply = save(signed_in(office.owner), door, "Shared", "status=new", team=office.team.pk)
    colleague, other = signed_in(office.colleague), signed_in(office.other)
    assert names(colleague, door) == ["Shared"]
    assert names(other, door) == []
    assert other.get(f"{door}?view={private.pk}").context["current_view"] is None
    for what in ("change", "update", "delete", "up", "down"):
        assert step(colleague, door, shared, what, name="Mine now", query="") == 404, what
    for what in ("pin", "default", "delete", "nonsense"):
        assert step(other, door, shared, what) == 404, what
        assert step(colleague, door, private, what) == 404, what
    assert colleague.get(f"{door}views/{shared.pk}/delete/").status_code == 405
    assert step(colleague, door, shared, "pin") == step(colleague, door, shared, "default") == 302
    office.team.members.remove(office.colleague)
    assert names(colleague, door) == []
    assert colleague.get(door).status_code == 200
    shared.refresh_from_db()
    assert (shared.name, shared.owner) == ("Shared", office.owner)


def test_a_view_cannot_be_shared_with_a_team_of_others(office, door, signed_in):
    strangers = models.Team.objects.create(name="Strangers")
    view, reply = save(signed_in(office.owner), door, "Sent away", "status=new", team=strangers.pk)
    assert view is None
    assert reply.status_code == 302


def test_the_whole_page_takes_at_most_fifteen_queries_with_session_rights_menu_and_views(office, door, signed_in):
    north = models.Unit.add_root(number="1", name="North")
    reader = make_user("northern", role="Case manager", unit=north)
    office.team.members.add(reader)
    browser = signed_in(reader)
    view, _reply = save(browser, door, "Mine", "status=open")
    step(browser, door, view, "pin")
    for number in range(12):
        make_case(title=str(number), unit=north)
    for query in ("view=all", f"status=open&view={view.pk}", "status=open&sort=oldest&flagged=mine&overdue=no"):
        browser.get(f"{door}?{query}")
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"{door}?{query}").status_code == 200
        assert len(asked) <= 15, "\n".join(each["sql"][:200] for each in asked)
