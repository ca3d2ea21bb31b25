"""Change the topic of an open case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from case_management.domain.actor import Actor
from case_management.domain.events import Event, TopicChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, Topic
from case_management.operations.applying import Decide, Outcome, apply, apply_to_each
from case_management.operations.gate import checked_choice
from case_management.sla.deadlines import Deadlines


def change_topic(case: Case, *, topic: Topic, by: Actor) -> Case:
    """Set the topic. Raises ValueUnknown when it is no longer offered."""
    by = by.at_this_moment()
    return apply("change_topic", case, lambda ids: _decide(topic, by), by=by)


def change_topics(cases: Any, *, topic: Topic, by: Actor, check_only: bool = False) -> Outcome:
    """Set the topic of many cases."""
    by = by.at_this_moment()
    return apply_to_each("change_topic", cases, lambda ids: _decide(topic, by), by=by, check_only=check_only)


def _decide(topic: Topic, by: Actor) -> Decide:
    checked_choice(topic, "topic")
    deadlines = Deadlines.load()

    def decide(case: Case) -> list[Event]:
        if topic.pk == case.topic_id:
            raise NothingToChange(_("The case has this topic already."))
        changed = TopicChanged(to=topic.pk, previous=case.topic_id)
        return [changed, *deadlines.on_change(case, by.moment(), topic_id=topic.pk)]

    return decide
