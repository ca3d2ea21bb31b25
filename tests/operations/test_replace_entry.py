"""Merging an entry of a list: every case that carries it carries the other one, with an event, also closed cases."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from case_management import models
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError
from case_management.operations import Replacement, Resolution, replace_entries, rerank_cases, resolve_case, tag_case
from case_management.operations.replace_entry import FACT_OF, misranked
from case_management.testing import make_case, make_topic, make_user

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def entries(model):
    """Two entries of a list."""
    if model is models.Topic:
        return make_topic("old"), make_topic("new")
    more = {"category": models.TagCategory.objects.create(name="Cause")} if model is models.Tag else {}
    ranks = [{"rank": 5}, {"rank": 2}] if model is models.Priority else [{}, {}]
    return [model.objects.create(name=name, **more, **rank) for name, rank in zip(("Old", "New"), ranks, strict=True)]


def carrying(model, entry):
    """A case that came to carry the entry by an operation."""
    draft = {models.Topic: "topic", models.CaseType: "case_type", models.Priority: "priority"}
    case = make_case(**({draft[model]: entry} if model in draft else {}))
    if model is models.Tag:
        return tag_case(case, add=[entry], by=BY)
    if model in draft:
        return case
    reason = entry if model is models.ClosureReason else models.ClosureReason.objects.get_or_create(name="Other")[0]
    more = {models.ResolutionMethod: "method", models.CloseChannel: "channel"}
    how = Resolution(reason=reason, note="Done as was asked.", **({more[model]: entry} if model in more else {}))
    case = resolve_case(case, how, by=BY)
    if model is models.ReopenReason:
        from case_management.operations import reopen_case

        case = reopen_case(case, reason=entry, note="It broke again.", by=BY)
    return case


def facts(case, fact):
    """What the case's row says now."""
    case.refresh_from_db()
    return set(case.tags.values_list("pk", flat=True)) if fact == "tags" else {getattr(case, fact)}


@pytest.mark.parametrize(("model", "fact"), FACT_OF.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_cases_of_every_list_carry_the_other_entry_and_history_keeps_the_first(model, fact):
    old, new = entries(model)
    case = carrying(model, old)
    before = list(case.events.values_list("pk", "hash"))
    outcome = replace_entries(Replacement(old, new).cases(), replacement=Replacement(old, new), by=BY)
    assert (outcome.done, facts(case, fact)) == ([case.pk], {new.pk})
    assert list(case.events.values_list("pk", "hash"))[: len(before)] == before


def test_a_priority_brings_its_rank():
    old, new = entries(models.Priority)
    case = make_case(priority=old)
    replace_entries([case.pk], replacement=Replacement(old, new), by=BY)
    case.refresh_from_db()
    assert case.priority_rank == 2


def test_a_case_that_has_both_tags_keeps_one():
    old, new = entries(models.Tag)
    case = tag_case(make_case(), add=[old, new], by=BY)
    replace_entries([case.pk], replacement=Replacement(old, new), by=BY)
    assert list(case.tags.all()) == [new]


def test_only_those_who_may_change_a_case_change_it():
    old, new = entries(models.Topic)
    case = make_case(topic=old)
    outcome = replace_entries([case.pk], replacement=Replacement(old, new), by=Actor.from_user(make_user("nobody")))
    assert [refusal.error.code for refusal in outcome.refused] == ["right_missing"]
    assert facts(case, "topic_id") == {old.pk}


def test_an_entry_that_is_switched_off_takes_nothing_over():
    old, new = entries(models.Topic)
    models.Topic.objects.filter(pk=new.pk).update(is_active=False)
    new.refresh_from_db()
    with pytest.raises(CaseManagementError, match="no longer offered"):
        replace_entries([make_case(topic=old).pk], replacement=Replacement(old, new), by=BY)


@pytest.mark.parametrize("pair", [("same", "same"), ("topic", "type"), ("source", "source")])
def test_what_cannot_be_merged_is_refused_by_name(pair):
    topic = make_topic("one")
    kinds = {
        "same": lambda: topic,
        "topic": lambda: topic,
        "type": lambda: models.CaseType.objects.create(name="Type"),
        "source": lambda: models.Source.objects.create(name=f"Source {models.Source.objects.count()}"),
    }
    with pytest.raises(CaseManagementError, match="two different entries"):
        Replacement(kinds[pair[0]](), kinds[pair[1]]()).cases()


def test_a_hundred_cases_cost_a_handful_of_queries():
    old, new = entries(models.Topic)
    ids = [make_case(topic=old).pk for _each in range(100)]
    with CaptureQueriesContext(connection) as asked:
        replace_entries(ids, replacement=Replacement(old, new), by=BY)
    assert len(asked) <= 15


def test_a_new_rank_of_a_priority_reaches_its_open_cases_alone():
    priority = entries(models.Priority)[0]
    open_case, done = make_case(priority=priority), make_case(priority=priority)
    reason = models.ClosureReason.objects.create(name="Solved")
    resolve_case(done, Resolution(reason=reason, note="Done as was asked."), by=BY)
    models.Priority.objects.filter(pk=priority.pk).update(rank=1)
    assert list(misranked()) == [open_case]
    rerank_cases(misranked(), by=BY)
    open_case.refresh_from_db()
    done.refresh_from_db()
    assert (open_case.priority_rank, done.priority_rank, misranked().count()) == (1, 5, 0)
