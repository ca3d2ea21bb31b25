"""The dashboard and the alerts, over HTTP, in both admins."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models, operations
from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.reports.breakdown import by_source, by_unit
from case_management.reports.headline import headline
from case_management.reports.period import Period
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def weeks(db):
    """Cases of two units: opened and resolved in the last days, long ago, or not at all."""
    north, south = (models.Unit.add_root(number=number, name=name) for number, name in (("1", "North"), ("2", "South")))
    mail = models.Source.objects.create(name="Mail")
    reason = models.ClosureReason.objects.create(name="Solved")
    now = timezone.now()

    def case(unit, opened, resolved=None, **more):
        """Opened and resolved so many hours ago."""
        found = make_case(unit=unit, by=_at(now - timedelta(hours=opened)), **more)
        if resolved is not None:
            solution = operations.Resolution(reason, "Called and apologised")
            operations.resolve_case(found, solution, by=_at(now - timedelta(hours=resolved)))
        return found

    case(north, opened=48, resolved=28)
    case(north, opened=24, resolved=14, source=mail)
    case(south, opened=2000, resolved=1500)
    operations.escalate_case(case(south, opened=3), reason="Asked for the manager", by=_at(now))
    case(north, opened=2000, source=mail)
    case(None, opened=1)
    return SimpleNamespace(
        north=north,
        south=south,
        manager=make_user("manager", role="Case manager"),
        northern=make_user("northern", role="Case manager", unit=north),
    )


def _at(moment):
    return Actor.importing(None, batch="b", at=moment)


def test_the_headline_counts_what_is_open_now_and_what_was_resolved_in_the_period(weeks):
    figures = headline(models.Case.objects.all(), Period.last_days(30))
    assert (figures.resolved, figures.unresolved, figures.escalated) == (2, 3, 1)
    assert figures.average == timedelta(hours=15)
    assert headline(models.Case.objects.none(), Period.last_days(7)).average is None


def test_lines_by_source_and_by_unit_add_up_to_the_headline(weeks):
    cases, period = models.Case.objects.all(), Period.last_days(30)
    total = headline(cases, period)
    for lines in (by_source(cases, period), by_unit(cases, period, 10)):
        assert sum(line.unresolved for line in lines) == total.unresolved
        assert sum(line.resolved for line in lines) == total.resolved
    units = {
        line.key: (line.opened, line.resolved, line.unresolved, line.average) for line in by_unit(cases, period, 10)
    }
    assert units == {
        "1": (2, 2, 1, timedelta(hours=15)),
        "2": (1, 0, 1, None),
        "": (1, 0, 1, None),
    }


def test_every_figure_leads_to_a_list_of_as_many_cases(weeks, case_door, signed_in):
    for user in (weeks.manager, weeks.northern):
        browser = signed_in(user)
        page = browser.get(case_door.url("dashboard")).context
        for tile in page["tiles"][1:]:
            assert browser.get(f"{case_door.url('list')}?{tile.query}").context["total"] == tile.value, tile
        for bar in [*page["sources"], *page["units"]]:
            for name, query in bar.queries.items():
                listed = browser.get(f"{case_door.url('list')}?{query}").context["total"]
                assert listed == getattr(bar.line, name), (bar, name)


def test_a_manager_of_a_branch_sees_the_figures_of_that_branch(weeks, case_door, signed_in):
    page = signed_in(weeks.northern).get(case_door.url("dashboard")).context
    assert [tile.value for tile in page["tiles"]] == ["15 hours", 0, 1, 2]
    assert [bar.line.key for bar in page["units"]] == ["1"]
    assert visible_to(weeks.northern).count() == 3


def test_the_dashboard_asks_as_much_of_many_cases_as_of_few(weeks, case_door, signed_in):
    browser, address = signed_in(weeks.manager), case_door.url("dashboard")
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for _ in range(10):
        make_case(unit=weeks.south)
    with CaptureQueriesContext(connection) as many:
        browser.get(address)
    assert len(many) <= len(few) <= 16


def test_the_period_can_be_chosen_and_nonsense_is_the_usual_month(weeks, case_door, signed_in):
    browser, address = signed_in(weeks.manager), case_door.url("dashboard")
    assert browser.get(f"{address}?days=365").context["tiles"][3].value == 3
    assert browser.get(f"{address}?days=-1").context["days"] == 30


def test_the_dashboard_needs_its_own_right(case_door, signed_in):
    assert signed_in(make_user("stranger")).get(case_door.url("dashboard")).status_code in (302, 403)


def alert(title, unit, hours=0, case=None):
    """An alert as a rule raises it."""
    now = timezone.now()
    source, _ = models.Source.objects.get_or_create(key="survey", defaults={"name": "Survey"})
    rule, _ = models.Rule.objects.get_or_create(
        key="praise", version=1, defaults={"name": "Praise", "occasion": "interaction_received"}
    )
    said = models.Interaction.objects.create(
        source=source, external_id=title, comment=f"About {title}", case=case, occurred_at=now, available_at=now
    )
    firing = models.RuleFiring.objects.create(key=title, rule=rule, interaction=said, about_at=now, fired_at=now)
    raised = now - timedelta(hours=hours)
    return models.Alert.objects.create(firing=firing, interaction=said, unit=unit, title=title, raised_at=raised)


def test_alerts_are_shown_newest_first_page_by_page_and_only_of_visible_units(weeks, case_door, signed_in, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "PAGE_SIZE": 2}
    for hours, (title, unit) in enumerate([("a", weeks.north), ("b", weeks.south), ("c", weeks.north), ("d", None)]):
        alert(title, unit, hours)
    address = case_door.url("alerts")

    def shown(browser, query=""):
        page = browser.get(f"{address}?{query}").context
        return [row.alert.title for row in page["alerts"]], page

    browser = signed_in(weeks.manager)
    first, page = shown(browser)
    second, page = shown(browser, page["following_query"])
    back, _ = shown(browser, page["previous_query"])
    assert (first, second, back) == (["a", "b"], ["c", "d"], ["a", "b"])
    assert shown(signed_in(weeks.northern))[0] == ["a", "c"]
    assert shown(browser, "after=forged")[0] == ["a", "b"]


def test_an_alert_links_to_its_case_only_for_those_who_may_open_it(weeks, case_door, signed_in):
    hidden = make_case(unit=weeks.south)
    alert("praise", weeks.north, case=hidden)
    assert hidden.reference in signed_in(weeks.manager).get(case_door.url("alerts")).content.decode()
    text = signed_in(weeks.northern).get(case_door.url("alerts")).content.decode()
    assert "About praise" in text
    assert hidden.reference not in text
