"""What conditions can ask about: contacts, messages, responses and their answers, counts, changes, lengths of time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Case, Interaction
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.testing import make_case, make_topic
from tests.rules.conftest import said

SYSTEM = Actor.system("test")
pytestmark = pytest.mark.django_db


def found(condition, *, of=Case, events=None, now=None):
    """Titles (or comments) of what the condition holds for."""
    occasion = "case_changed" if of is Case else "interaction_received"
    about = Circumstances(of.objects.all(), now or timezone.now(), events or {})
    tree = parse(condition, fields_of(occasion))
    rows = of.objects.filter(tree.compile(about))
    return set(rows.values_list("title" if of is Case else "comment", flat=True))


def asks(field, op, value=None):
    return {"field": field, "op": op, **({} if value is None else {"value": value})}


def test_the_contact_can_be_asked_about_by_name_address_and_language():
    robin = models.Contact.objects.create(name="Robin Reed", language="de", external_id="K-17")
    models.ContactPoint.objects.create(contact=robin, kind="email", value="Robin@Example.org")
    make_case(title="a", contact=robin)
    make_case(title="b")
    for condition in (
        asks("contact_name", "starts_with", "robin"), asks("contact_email", "ends_with", "@example.org"),
        asks("contact_language", "eq", "de"), asks("contact_external_id", "matches", r"^K-\d+$"),
        asks("contact_email", "filled"), asks("contact_email", "matches", "^robin@"),
    ):  # fmt: skip
        assert found(condition) == {"a"}, condition
        assert found({"not": condition}) == {"b"}, condition
    assert found(asks("contact_email", "empty")) == {"b"}
    assert found(asks("contact_email", "not_contains", "example")) == {"b"}
    assert found(asks("contact_phone", "empty")) == {"a", "b"}


def test_the_contact_can_be_asked_about_by_its_tags():
    category = models.TagCategory.objects.create(name="Standing")
    gold, loud = (models.Tag.objects.create(name=name, category=category) for name in ("Gold", "Loud"))
    robin, kim = (models.Contact.objects.create(name=name) for name in ("Robin", "Kim"))
    robin.tags.add(gold, loud)
    for title, contact in (("a", robin), ("b", kim), ("c", None)):
        make_case(title=title, contact=contact)
    assert found(asks("contact_tags", "has", gold.key)) == {"a"}
    assert found(asks("contact_tags", "empty")) == {"b", "c"}


def test_a_message_received_can_be_searched_and_our_own_is_not():
    for title, direction in (("theirs", "in"), ("ours", "out")):
        models.Message.objects.create(
            case=make_case(title=title), direction=direction, sender="x@example.org", text="My REFUND, please",
            subject="Refund", sent_at=timezone.now(),
        )  # fmt: skip
    assert found(asks("message", "contains", "refund")) == {"theirs"}
    assert found(asks("message", "matches", r"(?i)\brefund\b")) == {"theirs"}
    assert found(asks("message", "not_matches", r"(?i)\brefund\b")) == {"ours"}
    assert found(asks("messages_received", "eq", {"count": 0})) == {"ours"}


def test_answers_are_compared_as_what_they_are_whatever_the_question_is_called():
    said(comment="a", answers={"How was it? [1.5]": "9", "clean": True, "liked": ["Bed", "Breakfast"]})
    said(comment="b", answers={"How was it? [1.5]": 3, "clean": False, "1": "yes"})
    said(comment="c")
    question = "answer.How was it? [1.5]"
    assert found(asks(question, "gte", 9), of=Interaction) == {"a"}
    assert found(asks(question, "lt", 4), of=Interaction) == {"b"}
    assert found(asks(question, "eq", 9), of=Interaction) == {"a"}
    assert found(asks(question, "empty"), of=Interaction) == {"c"}
    assert found(asks("answer.clean", "eq", True), of=Interaction) == {"a"}
    assert found(asks("answer.clean", "ne", True), of=Interaction) == {"b", "c"}
    assert found(asks("answer.liked", "eq", "breakfast"), of=Interaction) == {"a"}
    assert found(asks("answer.liked", "contains", "fast"), of=Interaction) == {"a"}
    assert found(asks("answer.1", "eq", "yes"), of=Interaction) == {"b"}


def test_a_rule_on_cases_can_ask_for_one_of_their_responses():
    case = make_case(title="angry")
    make_case(title="without")
    for score, comment in ((2, "Rude"), (9, "Fine")):
        row = said(score=score, comment=comment, answers={"stay": score}, visit={"room": "12"})
        Interaction.objects.filter(pk=row.pk).update(case=case)
    assert found(asks("response.score", "lte", 3)) == {"angry"}
    assert found({"not": asks("response.score", "lte", 3)}) == {"without"}
    assert found(asks("response.answer.stay", "gt", 8)) == {"angry"}
    assert found(asks("response.visit.room", "eq", 12)) == {"angry"}
    assert found(asks("response.comment", "matches", "^Ru")) == {"angry"}
    assert found(asks("response.comment", "matches", "Rude.*Fine")) == set(), "each response is asked by itself"


@pytest.mark.drifts_on_purpose
def test_the_third_case_of_a_contact_within_days_is_told_from_the_second_and_from_a_late_one():
    contact, topic = models.Contact.objects.create(name="Robin"), make_topic()
    for title, days in (("first", 60), ("second", 20), ("third", 10), ("fourth", 0)):
        case = make_case(title=title, contact=contact, topic=topic)
        Case.objects.filter(pk=case.pk).update(opened_at=timezone.now() - timedelta(days=days))
    make_case(title="nobody's", topic=topic)
    asked = {"count": 3, "days": 30}
    assert found(asks("contact_cases", "gte", asked)) == {"fourth"}
    assert found(asks("contact_cases", "gte", {"count": 3})) == {"third", "fourth"}
    assert found(asks("contact_cases", "eq", {"count": 1, "days": 30})) == {"first", "second"}
    said(contact, comment="late", at=timezone.now())
    said(contact, comment="early", at=timezone.now() - timedelta(days=15))
    assert found(asks("contact_cases", "gte", asked), of=Interaction) == {"late"}
    assert found(asks("contact_responses", "eq", {"count": 2}), of=Interaction) == {"late"}


def last_events(**types):
    """Case id → its latest event of the type."""
    return {case.pk: case.events.filter(type=kind).latest("seq") for kind, case in types.items()}


def test_a_change_is_known_by_where_it_came_from_and_where_it_went():
    top = make_topic("room")
    noise = models.Topic.objects.get(pk=top.pk).add_child(name="Noise", key="noise")
    case = make_case(title="a", topic=make_topic("seat"))
    operations.change_topic(case, topic=noise, by=SYSTEM)
    events = last_events(topic_changed=case)
    assert found(asks("changed.topic", "changed"), events=events) == {"a"}
    assert found(asks("changed.topic", "from_to", {"from": "seat", "to": "room"}), events=events) == {"a"}
    assert found(asks("changed.topic", "from_to", {"to": "noise"}), events=events) == {"a"}
    assert found(asks("changed.topic", "from_to", {"from": "room"}), events=events) == set()
    assert found(asks("changed.priority", "changed"), events=events) == set()
    assert found(asks("changed.topic", "changed")) == set(), "without an event nothing changed"


def test_a_change_of_status_knows_the_status_before_and_who_did_it():
    case = make_case(title="a")
    operations.wait_case(case, waiting_for="customer", by=SYSTEM)
    operations.resume_case(case, by=SYSTEM)
    events = last_events(resumed=case)
    assert found(asks("changed.status", "from_to", {"from": "waiting", "to": "in_progress"}), events=events) == {"a"}
    assert found(asks("changed.status", "from_to", {"from": "new"}), events=events) == set()
    assert found(asks("event", "in", ["resumed", "closed"]), events=events) == {"a"}
    assert found(asks("done_by_kind", "eq", "system"), events=events) == {"a"}
    assert found(asks("done_by", "empty"), events=events) == {"a"}


@pytest.mark.drifts_on_purpose
def test_how_long_ago_something_was_is_counted_in_plain_or_in_open_hours():
    models.BusinessCalendar.objects.create(name="Office", timezone="UTC")
    monday = timezone.now().replace(year=2026, month=11, day=23, hour=10, minute=0, second=0, microsecond=0)
    case = make_case(title="a")
    Case.objects.filter(pk=case.pk).update(opened_at=monday - timedelta(days=3))  # Friday, 10:00
    assert found(asks("opened_at", "longer_ago", "2 days"), now=monday) == {"a"}
    assert found(asks("opened_at", "longer_ago", "8 business hours"), now=monday) == {"a"}
    assert found(asks("opened_at", "longer_ago", "9 business hours"), now=monday) == set()
    assert found(asks("opened_at", "within_last", "9 business hours"), now=monday) == {"a"}
    assert found(asks("opened_at", "longer_ago", "1 business days"), now=monday) == {"a"}
    assert found(asks("opened_at", "longer_ago", "2 business days"), now=monday) == set()
    Case.objects.filter(pk=case.pk).update(due_at=monday + timedelta(hours=3))
    assert found(asks("due_at", "within_next", "4 hours"), now=monday) == {"a"}
    assert found(asks("due_at", "within_next", "2 business hours"), now=monday) == set()
    assert found(asks("snoozed_until", "longer_ago", "1 hours"), now=monday) == set()
