"""The example site: its doors, its headers, and who may see the queue."""

from __future__ import annotations

import importlib

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client, override_settings
from django.urls import Resolver404, resolve
from django.views.static import serve

from example_project import environment

POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"
DASHBOARD = "/django-admin/django_rq/dashboard/"


def member_of_staff(client: Client, *permissions: str) -> Client:
    user = get_user_model().objects.create_user("ana", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@pytest.mark.django_db
@pytest.mark.wagtail
def test_the_home_page_leads_to_both_admins(client: Client) -> None:
    page = client.get("/").content.decode()

    assert 'href="/admin/"' in page
    assert 'href="/django-admin/"' in page


@pytest.mark.django_db
@pytest.mark.wagtail
@pytest.mark.parametrize("path", ["/", "/django-admin/login/", "/admin/cases/"])
def test_our_pages_carry_the_strict_policy(client: Client, path: str) -> None:
    assert client.get(path).headers["Content-Security-Policy"] == POLICY


@pytest.mark.django_db
@pytest.mark.wagtail
@pytest.mark.parametrize("path", ["/admin/login/", DASHBOARD])
def test_pages_of_others_do_not(client: Client, path: str) -> None:
    assert "Content-Security-Policy" not in client.get(path).headers


@pytest.mark.django_db
def test_staff_without_the_permission_do_not_see_the_queue(client: Client) -> None:
    assert member_of_staff(client).get(DASHBOARD).status_code == 403


@pytest.mark.django_db
def test_staff_with_the_permission_see_the_queue(client: Client, redis_url: str) -> None:
    assert member_of_staff(client, "admin").get(DASHBOARD).status_code == 200


@pytest.mark.wagtail
def test_pictures_of_pages_have_an_address_below_media_and_attachments_have_none() -> None:
    from example_project import urls

    with override_settings(DEBUG=True):
        importlib.reload(urls)
    try:
        assert resolve("/media/images/dog.png", urlconf=urls).func is serve
        with pytest.raises(Resolver404):
            resolve("/media/attachments/letter.pdf", urlconf=urls)
    finally:
        importlib.reload(urls)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "")
    monkeypatch.setenv("EMAIL_HOST", "")

    assert environment.flag("DEBUG", default=True)
    assert environment.mail()["EMAIL_BACKEND"].endswith("filebased.EmailBackend")


def test_a_postgres_url_keeps_its_connections_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ana:secret@db.example/cases")

    config = environment.database()

    assert (config["HOST"], config["NAME"], config["CONN_HEALTH_CHECKS"]) == ("db.example", "cases", True)


def test_sqlite_waits_for_the_other_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/cases.sqlite3")

    options = environment.database()["OPTIONS"]

    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


def test_https_turns_every_cookie_secure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS", "1")

    assert environment.https()["SESSION_COOKIE_SECURE"]
    monkeypatch.delenv("HTTPS")
    assert environment.https() == {}
