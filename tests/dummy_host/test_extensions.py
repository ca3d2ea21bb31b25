"""A host registers one of everything, and each works without a change of the package."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from django.conf import settings as site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template import RequestContext, Template
from django.test import RequestFactory, TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from case_management import models, operations
from case_management.assignment import strategies
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.jobs import react
from case_management.notifications.delivery import deliver_due
from case_management.notifications.links import workspace_path
from case_management.rules import authoring
from case_management.testing import make_case, make_user
from tests.dummy_host import extensions
from tests.rules.conftest import OPEN, desk, said, settle, write

__all__ = ["desk"]
pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOTE = "Called the customer."


@pytest.fixture(autouse=True)
def host(desk):
    """The host's app is installed for one test."""
    with ExitStack() as stack:
        extensions.ready(stack)
        yield stack
    assert "last_by_name" not in strategies


def resolved(**facts):
    case = make_case(by=SYSTEM, **facts)
    reason, _ = models.ClosureReason.objects.get_or_create(name="Solved")
    operations.resolve_case(case, operations.Resolution(reason, NOTE), by=SYSTEM)
    return case


def react_all():
    while react.run_reactions():
        continue


def test_a_rule_assigns_by_the_hosts_strategy_and_the_trace_names_it(desk):
    write("r", OPEN, {"action": "assign", "chain": ["last_by_name"]})
    said()
    settle()
    assert models.Case.objects.get().assignee == desk.agents[1]
    assert models.RuleFiring.objects.get().trace["actions"][1]["by"] == "last_by_name"


def test_a_rule_does_the_hosts_action_with_checked_parameters(desk):
    with pytest.raises(InvalidConfiguration, match="times"):
        write("wrong", {"action": "ring_bell", "times": 9})
    rule = write("r", OPEN, {"action": "ring_bell", "times": 2})
    said()
    settle()
    assert extensions.RingBell.rung == [(models.Case.objects.get().reference, 2)]
    assert models.RuleFiring.objects.get().trace["actions"][1] == {"action": "ring_bell", "times": 2}
    assert "Ring the bell" in authoring.in_words(rule)


def test_a_rule_asks_for_the_hosts_fields(desk):
    dane = models.Contact.objects.create(name="Dane", language="da", customer_model="shop.customer", customer_id="42")
    write("danes", OPEN, conditions={"field": "language", "op": "eq", "value": "da"})
    bell = {"action": "ring_bell", "times": 1}
    write("known", bell, occasion="case_opened", conditions={"field": "customer_number", "op": "eq", "value": "42"})
    said(desk.contact)
    said(dane)
    settle()
    assert [case.contact for case in models.Case.objects.all()] == [dane]
    assert len(extensions.RingBell.rung) == 1


def test_the_hosts_reactor_hears_of_what_it_asked_for_once(desk):
    case = resolved()
    react_all()
    react_all()
    assert extensions.crm == [(case.reference, "resolved")]
    assert models.ReactionReceipt.objects.get(reactor="crm").state == "done"


def test_what_is_owed_to_a_reactor_that_is_gone_is_buried_with_what_to_do(desk, host):
    resolved()
    host.close()
    react_all()
    receipt = models.ReactionReceipt.objects.get(reactor="crm")
    assert receipt.state == "dead"
    assert "register it or delete" in receipt.last_error


def test_letters_go_through_the_hosts_channel_and_its_refusals_are_final(desk):
    case = make_case(by=SYSTEM)
    for name in ("with-pager", "no-pager"):
        operations.assign_case(case, to=make_user(name, role="Case manager"), by=SYSTEM)
    react_all()
    models.Notification.objects.update(channel="pager")
    assert deliver_due() == 2
    assert extensions.Pager.sent == [f"with-pager: {case.reference}"]
    assert extensions.Pager.is_open is False
    states = dict(models.Notification.objects.values_list("recipient__username", "state"))
    assert states == {"with-pager": "done", "no-pager": "dead"}


def test_a_contact_leads_to_the_hosts_own_page_of_the_customer():
    linked = models.Contact.objects.create(name="A", customer_model="shop.customer", customer_id="42")
    assert linked.customer_url() == "/customers/42/"
    assert models.Contact(name="B").customer_url() == ""
    assert models.Contact(name="C", customer_model="crm.gone", customer_id="1").customer_url() == ""


def test_the_signal_tells_of_every_event_after_commit_and_a_bad_listener_does_no_harm(desk):
    def broken(sender, event, **rest):
        raise RuntimeError("a listener's own mistake")

    extensions.case_event_recorded.connect(broken)
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            case = resolved()
            assert extensions.heard == [], "before the commit nobody may know"
    finally:
        extensions.case_event_recorded.disconnect(broken)
    assert extensions.heard == list(case.events.order_by("pk").values_list("type", flat=True))


def test_two_hosts_that_want_the_same_name_are_told_so():
    with pytest.raises(InvalidConfiguration, match="registered twice"):
        strategies.register("last_by_name", object)
    with pytest.raises(InvalidConfiguration, match=r'no assignment strategy "first_by_name"\. Known: last_by_name'):
        strategies.get("first_by_name")


# ── the widget on the host's own customer page ──


class Customer:
    """An instance of the host's model, as far as the tag looks at it."""

    class _meta:  # noqa: N801 - Django's name
        label = "shop.Customer"

    pk = 42


def on_the_hosts_page(user, customer=Customer):
    page = Template("{% load case_management %}{% case_management_recent_cases customer %}")
    request = RequestFactory().get("/customers/42/")
    request.user = user
    return page.render(RequestContext(request, {"customer": customer}))


@pytest.fixture
def linked(desk):
    contact = models.Contact.objects.create(name="A", customer_model="shop.customer", customer_id="42")
    desk.near, desk.far = models.Unit.add_root(number="N", name="Near"), models.Unit.add_root(number="F", name="Far")
    desk.cases = [make_case(title=f"Near {number}", contact=contact, unit=desk.near) for number in range(7)]
    desk.foreign = make_case(title="Far away", contact=contact, unit=desk.far)
    desk.customer = contact
    return desk


def test_a_customer_page_shows_the_open_cases_that_its_reader_may_see(linked):
    reader = make_user("reader", role="Customer service agent", unit=linked.near)
    with CaptureQueriesContext(connection) as queries:
        shown = on_the_hosts_page(get_user_model().objects.get(pk=reader.pk))
    assert len(queries) <= 4, "three, and the one that reads the user here"
    assert "Near 6" in shown and "Near 1" not in shown and "Far away" not in shown
    assert '<span class="cm-recent__count">7</span>' in shown
    for url in (
        workspace_path("case", linked.cases[6].reference),
        workspace_path("contact", linked.customer.pk),
        workspace_path("new") + f"?contact={linked.customer.pk}",
    ):
        assert f'href="{url}"' in shown
    operations.resolve_case(
        linked.cases[6], operations.Resolution(models.ClosureReason.objects.create(name="Solved"), NOTE), by=SYSTEM
    )
    assert "Near 6" not in on_the_hosts_page(reader)


def test_a_customer_page_tells_nobody_of_cases_out_of_sight(linked):
    reader = make_user("reader", role="Customer service agent", unit=linked.far)
    foreigner = make_user("foreigner", role="Field manager", unit=models.Unit.add_root(number="X", name="Elsewhere"))
    assert "Far away" in on_the_hosts_page(reader) and ">1<" in on_the_hosts_page(reader)
    before = on_the_hosts_page(foreigner)
    make_case(title="One more", contact=linked.customer, unit=linked.near)
    assert on_the_hosts_page(foreigner) == before
    assert "Near" not in before and "contacts/" not in before
    for nobody in (make_user("nobody"), AnonymousUser()):
        assert on_the_hosts_page(nobody).strip() == ""


def test_a_customer_page_follows_a_merge(linked):
    survivor = models.Contact.objects.create(name="B")
    operations.merge_contacts(linked.customer, into=survivor, by=SYSTEM)
    chief = make_user("chief", is_superuser=True)
    assert "Near 6" in on_the_hosts_page(chief)
    assert workspace_path("contact", survivor.pk) in on_the_hosts_page(chief)


def test_a_model_that_nobody_registered_is_named_with_the_mend(linked):
    class Stranger(Customer):
        class _meta:  # noqa: N801 - Django's name
            label = "crm.Stranger"

    with pytest.raises(InvalidConfiguration, match=r"Register crm\.Stranger"):
        on_the_hosts_page(make_user("chief", is_superuser=True), Stranger)


def test_a_hosts_own_template_takes_the_place_of_ours(linked):
    ours = "{{ total }}: {% for entry in cases %}{{ entry.case }} {% endfor %}"
    texts = {"case_management/customer/recent_cases.html": ours}
    loaders = [("django.template.loaders.locmem.Loader", texts), "django.template.loaders.app_directories.Loader"]
    engine = {**site.TEMPLATES[0], "APP_DIRS": False, "OPTIONS": {**site.TEMPLATES[0]["OPTIONS"], "loaders": loaders}}
    with override_settings(TEMPLATES=[engine]):
        assert on_the_hosts_page(make_user("chief", is_superuser=True)).startswith("8: ")
