"""Change the topic of an open case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, TopicChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, Topic
from case_management.operations.applying import Outcome, apply, apply_to_each, without_reading
from case_management.operations.gate import checked_choice


def change_topic(case: Case, *, topic: Topic, by: Actor) -> Case:
    """Set the topic. Raises ValueUnknown when it is no longer offered."""
    return apply("change_topic", case, without_reading(lambda held: _events(held, topic)), by=by)


def change_topics(cases: Any, *, topic: Topic, by: Actor) -> Outcome:
    """Set the topic of many cases."""
    return apply_to_each("change_topic", cases, without_reading(lambda held: _events(held, topic)), by=by)


def _events(case: Case, topic: Topic) -> list[Event]:
    checked_choice(topic, "topic")
    if topic.pk == case.topic_id:
        raise NothingToChange(_("The case has this topic already."))
    return [TopicChanged(to=topic.pk, previous=case.topic_id)]
