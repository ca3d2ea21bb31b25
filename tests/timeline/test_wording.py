"""Sentences for events: complete, and cheap for a whole page."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management.domain.events import EVENTS
from case_management.models import CaseEvent
from case_management.timeline.facts import FACTS
from case_management.timeline.names import NAMED, USER
from case_management.timeline.wording import actor_name, details, names_for, sentence

pytestmark = pytest.mark.django_db

NOW = timezone.now()
BY_KIND: dict[str, Any] = {
    **dict.fromkeys(NAMED, 4711),
    USER: 4711,
    "time": NOW.isoformat(),
    "seconds": 7200,
    "waiting": "customer",
    "relation": "child_of",
    "message": "reply",
    "stopped": "person",
    "metric": "first_response",
    "received": True,
    "text": 2,
    "detail": ["title"],
}


def stored(code: str, payload: dict[str, Any] | None = None, **facts: Any) -> CaseEvent:
    """An event that is not in the database; sentences need only what it says."""
    defaults = {"seq": 1, "actor_kind": "system", "actor_label": "test", "occurred_at": NOW, "recorded_at": NOW}
    return CaseEvent(type=code, payload=payload or {}, **{**defaults, **facts})


def full(code: str) -> CaseEvent:
    """An event of this type that says all it can."""
    payload = {fact.key: BY_KIND[fact.kind] for fact in FACTS.get(code, ())}
    return stored(code, {**payload, **({"added": [1, 2], "removed": [3]} if code == "tags_changed" else {})})


@pytest.mark.parametrize("code", list(EVENTS))
def test_every_event_is_a_sentence_with_much_and_with_little_to_say(code: str) -> None:
    for event in (full(code), stored(code)):
        said = sentence(event, names_for([event]))
        assert said
        assert "%(" not in said
        assert said != code
    assert len(details(full(code), names_for([]))) == len(FACTS.get(code, ()))


@pytest.mark.parametrize("code", list(FACTS))
def test_the_facts_name_only_what_the_event_stores(code: str) -> None:
    fields = set(EVENTS[code].__dataclass_fields__)
    assert {fact.key for fact in FACTS[code]} <= fields


def test_what_is_gone_keeps_its_number_and_what_is_unknown_its_code() -> None:
    gone, unknown = stored("priority_changed", {"to": 4711, "previous": 4712}), stored("teleported", {"to": 3})
    names = names_for([gone, unknown])
    assert sentence(gone, names) == "Priority changed from no. 4712 to no. 4711"
    assert sentence(unknown, names) == "teleported"


@pytest.mark.parametrize(
    ("kind", "label", "said"),
    [
        ("user", "ann", "ann"),
        ("rule", "unhappy.v2", "Rule “unhappy.v2”"),
        ("system", "sweep", "System"),
        ("api", "robot", "robot, through the API"),
        ("import", "batch 7", "batch 7, import batch 7"),
    ],
)
def test_whoever_acts_is_named_as_what_they_are(kind: str, label: str, said: str) -> None:
    assert actor_name(stored("closed", actor_kind=kind, actor_label=label), names_for([])) == said


def test_a_page_of_events_takes_as_many_queries_as_a_few() -> None:
    def count(times: int) -> int:
        events = [full(code) for code in FACTS] * times
        with CaptureQueriesContext(connection) as queries:
            names_for(events)
        return len(queries)

    assert (count(1), count(20)) == (2, 2)
