"""What is exported, wiped and applied is exported again as the very same text."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.configuration import (
    apply_configuration,
    as_text,
    export_configuration,
    kinds,
    read_configuration,
)
from case_management.configuration.kind import portable_fields
from case_management.testing import make_user

pytestmark = pytest.mark.django_db

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
KEYS = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True), min_size=1, max_size=6, unique=True)


@pytest.fixture
def boss(db):
    return make_user("boss", is_superuser=True)


def wipe():
    """Nothing is set up any more."""
    for _name, kind in reversed(kinds.items()):
        kind.model._default_manager.all().delete()


def furnish(boss):
    """One of everything, with relations, parts, trees, steps and several lines."""
    recovery = models.CaseType.objects.create(name="Recovery", requires_close_channel=True, position=4)
    urgent = models.Priority.objects.create(name="Urgent", rank=1)
    models.Priority.objects.create(name="Normal", rank=3, is_default=True, is_active=True)
    source = models.Source.objects.create(name="Survey", after_resolve="reopen", reopen_days=9)
    for model in (models.ClosureReason, models.ReopenReason, models.ResolutionMethod, models.CloseChannel):
        model.objects.create(name="First", description="One line\nand another")
    models.NoteSubject.objects.create(name="Call", is_active=False)
    cause = models.TagCategory.objects.create(name="Cause")
    cause.required_for.add(recovery)
    tag = models.Tag.objects.create(name="Broken seat", category=cause)
    seat = models.Topic.add_root(name="Seat", key="seat")
    models.Topic.objects.get(pk=seat.pk).add_child(name="Row 5", key="row-5")
    models.Topic.add_root(name="Food", key="food")
    north = models.Unit.add_root(number="N", name="North", timezone="Europe/Berlin")
    models.Unit.objects.get(pk=north.pk).add_child(number="N1", name="Harbour", sender_name="Harbour desk")
    desk = models.Team.objects.create(name="Desk")
    desk.members.add(boss)
    options = [{"key": "lost", "label": "Lost"}, {"key": "late", "label": "Late"}]
    models.CustomField.objects.create(name="Bag", kind="choice", options=options).case_types.add(recovery)
    keeper = models.CustomField.objects.create(name="Keeper", kind="user")
    calendar = models.BusinessCalendar.objects.create(name="Office", timezone="Europe/Paris", saturday="10:00-12:00")
    calendar.follows_unit = True
    calendar.save()
    models.Holiday.objects.create(calendar=calendar, date="2026-12-25", name="Christmas")
    models.Holiday.objects.create(calendar=calendar, date="2026-12-24", name="Eve", hours="09:00-12:00")
    policy = models.SlaPolicy.objects.create(
        name="Fast", calendar=calendar, priority=urgent, warnings="50, 90", reopening="continue"
    )
    policy.topics.add(seat)
    policy.units.add(models.Unit.objects.get(number="N1"))
    models.SlaTarget.objects.create(policy=policy, minutes=90)
    models.SlaTarget.objects.create(policy=policy, metric="next_reply", minutes=30)
    models.SlaRung.objects.create(policy=policy, level=1, minutes=0, priority=urgent)
    models.SlaRung.objects.create(policy=policy, level=2, minutes=60, team=desk)
    skill = models.Skill.objects.create(name="French")
    skill.topics.add(seat)
    models.AssignmentChain.objects.create(name="In turn", strategies=["user_field", "workload"], user_field=keeper)
    models.ScriptedResponse.objects.create(
        key="sorry", name="Sorry", subject="Our apologies", body="Dear [[CUSTOMER NAME]],\n\nwe are sorry.\n",
        topic=seat, unit=north, source=source, state="approved", approved_by=boss,
    )  # fmt: skip
    models.Signature.objects.create(name="Care", text="Your\ncare team", unit=north)
    models.Signature.objects.create(name="Care", text="Everybody's")
    steps = [
        {"action": "tag", "add": [tag.pk], "remove": []}, {"action": "set_priority", "priority": urgent.pk},
        {"action": "assign", "assignee": boss.pk}, {"action": "note", "note": "Called.", "subject": None},
    ]  # fmt: skip
    models.Macro.objects.create(name="Take it", steps=steps, unit=north)
    models.Rule.objects.create(
        key="unhappy", name="Unhappy", occasion="interaction_received", version=1,
        conditions={"all": [{"field": "score", "op": "lte", "value": 4}]},
        actions=[{"action": "open_case", "topic": "seat"}, {"action": "assign", "chain": ["in-turn"]}],
    )  # fmt: skip
    loaded = models.Settings.load()
    loaded.note_min_length = 12
    loaded.save()


def test_export_wipe_apply_export_is_identical(boss):
    furnish(boss)
    text = as_text(export_configuration())
    wipe()
    report = apply_configuration(read_configuration(text), by=boss)
    assert as_text(export_configuration()) == text
    assert {change.kind for change in report.changes} == {name for name, _kind in kinds.items()}
    again = apply_configuration(read_configuration(text), by=boss)
    assert (again.changes, again.only_here) == ([], [])
    tag = models.Tag.objects.get()
    assert models.Macro.objects.get().steps[0]["add"] == [tag.pk]
    assert models.ScriptedResponse.objects.get().approved_by == boss


def test_every_field_that_people_set_is_in_the_file(boss):
    furnish(boss)
    exported = export_configuration()
    for name, kind in kinds.items():
        assert exported[name], name
        assert {field.name for field in portable_fields(kind.model, kind.leaves_out)} <= exported[name][0].keys()


def test_nothing_of_the_database_is_in_the_file(boss):
    furnish(boss)
    first = as_text(export_configuration())
    wipe()
    for _ in range(3):
        models.CaseType.objects.create(name="Gone").delete()
        models.Topic.add_root(name="Gone", key="gone").delete()
    furnish(boss)
    assert as_text(export_configuration()) == first


@st.composite
def configurations(draw):
    """Lists that lean on each other: a tree of topics, tags of categories, skills of topics, and a calendar."""
    keys = draw(KEYS)
    topics = []
    for number, key in enumerate(keys):
        parent = draw(st.sampled_from([None, *keys[:number]]))
        topics.append({"key": key, "name": draw(WORDS), "parent": parent, "is_active": draw(st.booleans())})
    names = st.lists(WORDS, min_size=len(keys), max_size=len(keys), unique_by=str.casefold)
    categories = [{"key": key, "name": name} for key, name in zip(keys, draw(names), strict=True)]
    tags = [
        {"key": key, "name": name, "category": draw(st.sampled_from(keys)), "position": draw(st.integers(0, 99))}
        for key, name in zip(keys, draw(names), strict=True)
    ]
    skills = [
        {"key": key, "name": name, "topics": sorted(draw(st.sets(st.sampled_from(keys))))}
        for key, name in zip(keys, draw(names), strict=True)
    ]
    days = draw(st.sets(st.dates(), max_size=5))
    holidays = [{"date": day.isoformat(), "name": draw(WORDS)} for day in sorted(days)]
    calendar = {"key": "office", "name": "Office", "holidays": holidays, "description": draw(st.lists(WORDS))}
    return {
        "topics": topics, "tag_categories": categories, "tags": tags, "skills": skills, "calendars": [calendar],
    }  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=configurations(), second=configurations())
def test_whatever_is_set_up_comes_back_and_a_second_configuration_lies_over_the_first(boss, first, second):
    with transaction.atomic():
        apply_configuration(first, by=boss)
        text = as_text(export_configuration())
        wipe()
        apply_configuration(read_configuration(text), by=boss)
        assert as_text(export_configuration()) == text
        planned = apply_configuration(second, by=boss, dry_run=True)
        assert as_text(export_configuration()) == text, "a dry run changes nothing"
        if not planned.problems:
            done = apply_configuration(second, by=boss)
            assert done.changes == planned.changes
            assert apply_configuration(second, by=boss).changes == []
        transaction.set_rollback(True)


def test_the_text_is_json_with_a_fact_a_line(boss):
    furnish(boss)
    text = as_text(export_configuration())
    assert json.loads(text)["format"] == "case_management configuration"
    assert '"we are sorry."' in text
    assert max(map(len, text.splitlines())) < 200
