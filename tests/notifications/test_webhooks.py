"""A rule calls a webhook: signed, once, the same id on every attempt, and no redirect is followed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.exceptions import InvalidConfiguration
from case_management.notifications.channels.webhook import sign, webhook_flaws
from case_management.rules import authoring
from case_management.testing import make_case
from tests.http_sink import HttpSink
from tests.notifications.conftest import deliver_now, react_all

SYSTEM = Actor.system("test")
OLD, NEW = (f"whsec_{base64.b64encode(letter * 24).decode()}" for letter in (b"a", b"b"))
CALL = {"action": "webhook", "to": "crm"}


@pytest.fixture
def endpoint(settings):
    """Somebody listens, and the site knows where."""
    with HttpSink().running() as sink:
        known = {"crm": {"url": f"{sink.url}/cases", "secrets": [NEW, OLD]}}
        settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "WEBHOOKS": known, "WEBHOOK_TIMEOUT": 2}
        yield sink


@pytest.fixture
def acted(desk, endpoint):
    """A case on which a rule acted that calls the endpoint; nothing was delivered yet."""
    authoring.validate("case_opened", {}, [CALL])
    models.Rule.objects.create(key="tell-crm", name="Tell the CRM", occasion="case_opened", actions=[CALL])
    case = make_case(title="Ada Byron was not called back", unit=desk.unit, by=SYSTEM)
    react_all()
    return case


def owed():
    return models.Notification.objects.get(channel="webhook")


def test_the_signature_is_that_of_the_standards_own_example():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret])
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_endpoint_gets_the_case_without_words_or_people_and_both_signatures_hold(acted, endpoint):
    assert deliver_now() == 1
    [(path, headers, body)] = endpoint.posted
    told = json.loads(body)
    assert (path, told["type"], told["data"]["case"]) == ("/cases", "case.rule_acted", acted.reference)
    assert (told["data"]["rule"], told["data"]["unit"]) == ("tell-crm.v1", "1")
    assert "Ada" not in body.decode()
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = [hmac.digest(letter * 24, signed, hashlib.sha256) for letter in (b"b", b"a")]
    assert headers["webhook-signature"] == " ".join(f"v1,{base64.b64encode(one).decode()}" for one in wanted)
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert owed().state == "done"
    assert deliver_now() == 0 and len(endpoint.posted) == 1


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_a_failure_is_tried_again_under_the_same_id(acted, endpoint, status):
    endpoint.status = status
    deliver_now()
    assert (owed().state, owed().attempts) == ("pending", 1)
    assert f"answered {status}" in owed().last_error
    endpoint.status = 200
    deliver_now()
    assert owed().state == "done"
    assert [path for path, _headers, _body in endpoint.posted] == ["/cases", "/cases"]
    assert len({headers["webhook-id"] for _path, headers, _body in endpoint.posted}) == 1


def test_an_endpoint_that_is_gone_for_good_gets_no_second_call(acted, endpoint):
    endpoint.status = 410
    deliver_now()
    assert (owed().state, "410" in owed().last_error) == ("dead", True)


def test_a_silent_endpoint_is_asked_once_per_pass_and_letters_go_on(desk, acted, settings):
    with HttpSink().running() as gone:
        url = gone.url
    known = {"crm": {"url": url, "secrets": [NEW]}}
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "WEBHOOKS": known}
    make_case(title="Another", unit=desk.unit, by=SYSTEM)
    react_all()
    operations.assign_case(acted, to=desk.agent, by=SYSTEM)
    react_all()
    deliver_now()
    calls = models.Notification.objects.filter(channel="webhook")
    assert set(calls.values_list("state", "attempts")) == {("pending", 1)}
    assert all("does not answer" in error for error in calls.values_list("last_error", flat=True))
    assert models.Notification.objects.get(kind="assigned").state == "done"


def test_an_endpoint_that_was_taken_out_of_the_settings_is_a_dead_letter(acted, settings):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "WEBHOOKS": {}}
    deliver_now()
    assert (owed().state, "has no endpoint “crm”" in owed().last_error) == ("dead", True)


def test_a_rule_may_only_name_an_endpoint_of_the_settings(db, endpoint):
    with pytest.raises(InvalidConfiguration, match="to:"):
        authoring.validate("case_opened", {}, [{"action": "webhook", "to": "https://169.254.169.254/"}])


@pytest.mark.parametrize(
    ("given", "flaw"),
    [
        ("https://crm.example.org", "no https address"),
        ({"url": "http://crm.example.org/", "secrets": [NEW]}, "no https address"),
        ({"url": "file:///etc/passwd", "secrets": [NEW]}, "no https address"),
        ({"url": "https://crm.example.org/", "secrets": []}, "no usable secrets"),
        ({"url": "https://crm.example.org/", "secrets": ["whsec_c2hvcnQ="]}, "no usable secrets"),
        ({"url": "https://crm.example.org/", "secrets": ["plain words, not base64"]}, "no usable secrets"),
    ],
)
def test_a_wrong_endpoint_is_told_at_start_up(given, flaw):
    assert any(flaw in found for found, _mend in webhook_flaws(given))


@pytest.mark.parametrize("url", ["https://crm.example.org/hook", "http://127.0.0.1:8080/"])
def test_a_right_endpoint_is_not_complained_about(url):
    assert list(webhook_flaws({"url": url, "secrets": [NEW, OLD]})) == []
