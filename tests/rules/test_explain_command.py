"""``explain_case`` prints what rules answered about a case, and who was told of it and who was not."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_case, make_user
from tests.rules.conftest import settle, write

pytestmark = pytest.mark.django_db
FLAGGED = {"field": "flagged", "op": "is", "value": True}
NOT_NOW = {"field": "escalation_level", "op": "gte", "value": 2}
TELL = {"action": "notify", "to": ["user:boss", "user:ann"]}


@pytest.fixture
def case(desk):
    """Flagged by boss: one rule acted and told two people, of whom one did it, another rule did not hold."""
    boss = make_user("boss", role="Case manager")
    write("tell", TELL, occasion="case_changed", conditions={"all": [FLAGGED]}, position=1)
    write("later", TELL, occasion="case_changed", conditions={"all": [FLAGGED, NOT_NOW]}, position=2)
    made = make_case(topic=desk.topic, by=Actor.system("test"))
    settle()
    operations.flag_case(made, by=Actor.from_user(boss))
    settle()
    return made


def explained(capsys, *words):
    call_command("explain_case", *words)
    return capsys.readouterr().out


def lines_of(capsys, case):
    return explained(capsys, case.reference).splitlines()


def test_it_says_which_rule_acted_which_did_not_hold_and_who_was_told(case, capsys):
    said = [line.partition("  ")[2] if line[0].isdigit() else line for line in lines_of(capsys, case)]
    assert said[:8] == [
        "Flagged",
        "  acted    Tell",
        "    true   all",
        "    true     flagged is yes (was: yes)",
        "  not      Later",
        "    false  all",
        "    true     flagged is yes (was: yes)",
        "    false    escalation level is at least 2 (was: 0)",
    ]
    assert set(said[8:]) == {
        "boss: Rule “Tell” – suppressed (they did it themselves)",
        "ann: Rule “Tell” – done",
    }


def test_as_json_it_says_the_same(case, capsys):
    found = json.loads(explained(capsys, case.reference.lower(), "--json"))
    latest = found["rules"][0]["rules"]
    assert [(rule["rule"], rule["outcome"]) for rule in latest] == [("Tell", "acted"), ("Later", "not")]
    assert [part["held"] for part in latest[1]["conditions"]["all"]] == [True, False]
    assert len(found["mail"]) == models.Notification.objects.filter(case=case).count()


def test_a_case_that_is_not_there_is_said_to_be_so(db):
    with pytest.raises(CommandError, match="There is no case ZZZ-ZZZZ"):
        call_command("explain_case", "ZZZ-ZZZZ")
