"""Each start-up check names its fault, and a sound site hears nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.test import override_settings

from case_management import conf
from case_management.checks import SHAPES

JSON_QUEUES = {name: {"URL": "redis://127.0.0.1:1/0", "SERIALIZER": "json"} for name in conf.DEFAULT_QUEUES.values()}


def said(**changed: Any) -> dict[str, checks.CheckMessage]:
    """What the checks say when these settings are changed, by id."""
    with override_settings(**changed):
        return {str(message.id): message for message in checks.run_checks(tags=["case_management"])}


def test_the_example_site_is_sound() -> None:
    assert said() == {}


def test_every_key_has_a_shape() -> None:
    assert set(SHAPES) == conf.KEYS


def test_the_setting_has_to_be_a_dictionary() -> None:
    assert "E001" in " ".join(said(CASE_MANAGEMENT=["BASE_URL"]))


@pytest.mark.parametrize(
    ("key", "hint"),
    [("BASE_ULR", 'Did you mean "BASE_URL"?'), ("page_size", 'Did you mean "PAGE_SIZE"?'), ("zzz", "Known: ADMIN")],
)
def test_an_unknown_key_is_named_with_its_nearest_neighbour(key: str, hint: str) -> None:
    message = said(CASE_MANAGEMENT={key: 1})["case_management.E002"]
    assert key in message.msg
    assert hint in str(message.hint)


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("PAGE_SIZE", "25", "a whole number"),
        ("PAGE_SIZE", 0, "a whole number above 0"),
        ("PAGE_SIZE", True, "a whole number"),
        ("SWEEP_SECONDS", -15, "above 0"),
        ("BASE_URL", None, "a text"),
        ("TIMELINE_KEY", b"bytes", "a text"),
        ("ADMIN", "drupal", '"wagtail" or "django"'),
        ("BACKGROUND", "celery", '"rq" or "manual"'),
        ("QUEUES", ["fast"], "reactions"),
        ("WEBHOOKS", ["crm"], "endpoints by name"),
        ("QUEUES", {"reaction": "fast"}, "reactions"),
        ("QUEUES", {"reactions": 1}, "reactions"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_what_it_must_be(key: str, value: Any, wanted: str) -> None:
    message = said(CASE_MANAGEMENT={key: value})["case_management.E003"]
    assert key in message.msg
    assert wanted in str(message.hint)


def test_good_values_are_not_complained_of() -> None:
    good = {"PAGE_SIZE": 50, "ADMIN": "django", "BACKGROUND": "manual", "QUEUES": {"sweep": "slow"}, "BASE_URL": "x"}
    assert said(CASE_MANAGEMENT=good) == {}


@contextmanager
def apps_without(*names: str) -> Iterator[None]:
    """The registry as it is without these apps; loading the apps anew is more than some of them can bear."""
    kept = dict(apps.app_configs)
    apps.app_configs = {label: app for label, app in kept.items() if app.name not in names}
    try:
        yield
    finally:
        apps.app_configs = kept


def test_rq_without_django_rq_is_an_error() -> None:
    with apps_without("django_rq"):
        found = said(CASE_MANAGEMENT={"BACKGROUND": "rq"})
        assert "INSTALLED_APPS" in str(found["case_management.E004"].hint)
        assert said(CASE_MANAGEMENT={}) == {}, "without django_rq the work waits for run_due_jobs"


def test_a_topic_without_its_queue_is_named() -> None:
    message = said(RQ_QUEUES={k: v for k, v in JSON_QUEUES.items() if k != "cm_sla"})["case_management.E005"]
    assert "cm_sla" in message.msg
    assert "sweep" in message.msg
    assert "case_management.E005" in said(RQ_QUEUES=JSON_QUEUES, CASE_MANAGEMENT={"QUEUES": {"sweep": "elsewhere"}})


@pytest.mark.parametrize("serializer", [None, "pickle", "rq.serializers.PickleSerializer"])
def test_a_queue_that_does_not_speak_json_is_named(serializer: str | None) -> None:
    queue = {"URL": "redis://127.0.0.1:1/0"} | ({"SERIALIZER": serializer} if serializer else {})
    assert "cm_notify" in said(RQ_QUEUES={**JSON_QUEUES, "cm_notify": queue})["case_management.E006"].msg


@pytest.mark.parametrize("serializer", ["json", "rq.serializers.JSONSerializer"])
def test_json_may_be_named_either_way(serializer: str) -> None:
    assert said(RQ_QUEUES={name: {"SERIALIZER": serializer} for name in JSON_QUEUES}) == {}


def test_queues_do_not_matter_without_rq() -> None:
    assert said(RQ_QUEUES={}, CASE_MANAGEMENT={"BACKGROUND": "manual"}) == {}


def test_django_filters_is_needed() -> None:
    with apps_without("django_filters"):
        assert "case_management.E007" in said()


def test_a_door_needs_the_admin_that_it_opens_into() -> None:
    with apps_without("django.contrib.admin"):
        assert "django.contrib.admin" in said()["case_management.E008"].msg


def test_links_need_an_open_door() -> None:
    with apps_without("case_management.ui.wagtail"):
        assert "case_management.ui.wagtail" in said(CASE_MANAGEMENT={"ADMIN": "wagtail"})["case_management.E009"].msg
        assert said(CASE_MANAGEMENT={}) == {}, "the other door is the default then"


def test_a_site_without_a_door_gets_a_hint_and_no_error() -> None:
    with apps_without("case_management.ui.wagtail", "case_management.ui.django_admin"):
        (message,) = said().values()
    assert message.id == "case_management.I001"
    assert message.level == checks.INFO


def test_somebody_has_to_sign_people_in() -> None:
    middleware = [path for path in settings.MIDDLEWARE if "AuthenticationMiddleware" not in path]
    assert "case_management.E010" in said(MIDDLEWARE=middleware)


def test_groups_have_to_give_permissions() -> None:
    assert "case_management.W001" in said(AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.BaseBackend"])
    remote = ["django.contrib.auth.backends.RemoteUserBackend"]
    assert said(AUTHENTICATION_BACKENDS=remote) == {}, "derived from ModelBackend"


def test_the_storage_of_transfers_has_to_be_there_and_apart_from_public_files() -> None:
    rest = {alias: entry for alias, entry in settings.STORAGES.items() if alias != "case_management_transfers"}
    assert "case_management.W002" in said(STORAGES=rest)
    inside = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": f"{settings.MEDIA_ROOT}/transfers"},
    }
    assert "case_management.W003" in said(STORAGES={**rest, "case_management_transfers": inside})


def test_reports_need_a_database_that_exists() -> None:
    message = said(CASE_MANAGEMENT={"REPORTS_DATABASE": "replica"})["case_management.E011"]
    assert "default" in str(message.hint)


def test_sqlite_has_to_take_the_write_lock_at_the_start() -> None:
    careless = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}}
    careful = {"default": {**careless["default"], "OPTIONS": {"transaction_mode": "IMMEDIATE"}}}
    with pytest.warns(UserWarning, match="DATABASES"):
        assert "case_management.W004" in said(DATABASES=careless)
    with pytest.warns(UserWarning, match="DATABASES"):
        assert said(DATABASES=careful) == {}


def test_an_endpoint_that_anybody_could_listen_to_is_named() -> None:
    message = said(CASE_MANAGEMENT={"WEBHOOKS": {"crm": {"url": "http://crm.example.org/"}}})["case_management.E012"]
    assert '"crm"' in message.msg


def test_a_site_that_loses_unsent_text_is_told() -> None:
    others = [name for name in settings.MIDDLEWARE if "unsent" not in name]
    assert "UnsentTextMiddleware" in str(said(MIDDLEWARE=others)["case_management.W007"].hint)
