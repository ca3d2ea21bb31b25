"""Fixtures that every test may use: real servers, the environment of real processes, and the marks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.apps import apps
from hypothesis import HealthCheck
from hypothesis import settings as examples

from example_project.environment import ROOT
from example_project.processes import Processes
from example_project.valkey import Valkey
from tests.database import RUN, Run
from tests.services import Postgres, SmtpSink

MARKS = {
    "browser": "drives a real Chromium",
    "faults": "starts and kills real processes; slower",
    "data": "reads ../shared/data",
    "drifts_on_purpose": "leaves cases that differ from their events, to see that it is noticed",
    "wagtail": "needs the example site with Wagtail",
    "once": "takes minutes and asks what other tests ask PostgreSQL in seconds: SQLite's run has it alone",
}
SHARED_DATA = Path(os.environ.get("CM_SHARED_DATA", ROOT.parent / "shared" / "data"))
HAS_WAGTAIL = apps.is_installed("wagtail")
#: Directories called wagtail mirror the Wagtail door; they cannot even be imported without it.
collect_ignore_glob = [] if HAS_WAGTAIL else ["**/wagtail/**", "**/wagtail"]
NO_BROWSER = "skipped: no Chromium (apt-get install chromium, or set CHROMIUM to its path)"
NO_WAGTAIL = "skipped: this site has no Wagtail"
NO_DATA = "skipped: no ../shared/data"

# A busy machine is no fault. In continuous integration every run tries the same examples; people's runs explore.
EACH_RUN_ALIKE = os.environ.get("CI") == "true"
examples.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=EACH_RUN_ALIKE
)
examples.load_profile("ours")


def find_chromium() -> str | None:
    """The path of a Chromium: CHROMIUM, else the first that the system has."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def asks_a_database(item: pytest.Item) -> bool:
    """Whether the test may do something else on another database."""
    fixtures = {"db", "transactional_db", "django_db_setup", "run"}
    if item.get_closest_marker("once"):
        return False
    return item.get_closest_marker("django_db") is not None or bool(fixtures.intersection(item.fixturenames))


def repeats_in_the_second_admin(item: pytest.Item) -> bool:
    """Whether the test is one of a pair: both admins send a database the same queries, so that one of them will do."""
    callspec = getattr(item, "callspec", None)
    return HAS_WAGTAIL and callspec is not None and "django" in callspec.id.split("-")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    for mark, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{mark}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, and say why; leave to SQLite's run what PostgreSQL's could not find."""
    if os.environ["CM_TEST_DATABASE"] == "postgres":
        finds = {item: asks_a_database(item) and not repeats_in_the_second_admin(item) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not finds[item]])
        items[:] = [item for item in items if finds[item]]
    required = os.environ.get("CM_REQUIRE_BROWSER") == "1"
    without_browser = not required and find_chromium() is None
    for item in items:
        if without_browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
        if not HAS_WAGTAIL and item.get_closest_marker("wagtail"):
            item.add_marker(pytest.mark.skip(reason=NO_WAGTAIL))
        if not SHARED_DATA.is_dir() and item.get_closest_marker("data"):
            item.add_marker(pytest.mark.skip(reason=NO_DATA))


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database the run is on."""
    return f"database of the tests: {os.environ['CM_TEST_DATABASE']}"


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """This run's own directory and servers."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def django_db_keepdb(run: Run, request: pytest.FixtureRequest) -> bool:
    """Whether the test database is there already: a copy of the migrated template is."""
    return run.is_migrated or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Workers of pytest-xdist have servers of their own, so the names of their databases may be equal."""


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Starts processes for one test; they are stopped when it ends."""
    with Processes() as mine:
        yield mine


@pytest.fixture(scope="session")
def valkey(run: Run) -> Valkey:
    """The run's Valkey, started at its first use."""
    run.valkey.start()
    return run.valkey


@pytest.fixture(scope="session")
def redis_url(valkey: Valkey) -> str:
    """The URL of the run's Valkey; settings.REDIS_URL says the same."""
    return valkey.url


@pytest.fixture
def clean_redis(redis_url: str) -> Iterator[redis.Redis]:
    """A client of the run's Valkey, emptied before the test."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def smtp_sink(run: Run) -> SmtpSink:
    """The run's SMTP sink, started at its first use; begin with ``smtp_sink.clear()``."""
    sink = SmtpSink(run.processes, run.directory / "smtp")
    sink.start()
    return sink


@pytest.fixture(scope="session")
def postgres(run: Run) -> Postgres:
    """The run's PostgreSQL; skips where the tests run on another database."""
    if run.postgres is None:
        pytest.skip("skipped: needs PostgreSQL (pytest --database postgres)")
    return run.postgres


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """The URL of the test database, for processes that work on it (with ``transactional_db``)."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def site_environment(database_url: str, redis_url: str, smtp_sink: SmtpSink) -> dict[str, str]:
    """The environment in which a process of the example site sees the tests' own servers."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "EMAIL_HOST": smtp_sink.host,
        "EMAIL_PORT": str(smtp_sink.port),
    }


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium for tests marked ``browser``; an error where one is required and missing."""
    path = find_chromium()
    assert path, NO_BROWSER
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of real data for tests marked ``data``."""
    return SHARED_DATA


@pytest.fixture(autouse=True)
def every_case_is_the_fold_of_its_events(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test with a database: no case (of 200 at random) differs from what its events say."""
    named = {"db", "transactional_db"} & set(request.fixturenames)
    uses_database = bool(named or request.node.get_closest_marker("django_db"))
    if uses_database:
        request.getfixturevalue("transactional_db" if "transactional_db" in named else "db")
    yield
    if uses_database and not request.node.get_closest_marker("drifts_on_purpose"):
        from django.db import connection

        from case_management.models import Case
        from case_management.testing import assert_no_drift

        if not connection.needs_rollback:
            assert_no_drift(Case.objects.order_by("?")[:200])
