"""What is kept of each asking: every rule that was worth asking, what it answered, and why it did not act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.models import Case, CaseEvent, Interaction, Rule, RuleAsking, RuleFiring
from case_management.rules import engine, reacting
from case_management.rules.asked import THINNED, Answer, forget_asked
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of
from case_management.testing import make_case, make_topic
from tests.rules.conftest import ALERT, ESCALATE, OPEN, again, said, settle, write
from tests.rules.reader import answer, case_trees, interaction_trees

SYSTEM = Actor.system("test")
NOTE = {"action": "note", "text": "Somebody should look at this."}
QUICK = settings(
    max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def answers(asking: RuleAsking) -> dict[str, Answer]:
    """Key of the rule → its answer."""
    keys = dict(Rule.objects.values_list("pk", "key"))
    found = [Answer.read(stored) for stored in asking.answers]
    return {keys[one.rule_id]: one for one in found}


def outcomes(asking: RuleAsking) -> dict[str, str]:
    return {key: one.outcome for key, one in answers(asking).items()}


def on(case: Case, kind: str) -> RuleAsking:
    return RuleAsking.objects.get(event=case.events.filter(type=kind).latest("seq"))


def leaves(tree):
    if "field" in tree:
        yield tree
    for part in tree.get("all", tree.get("any", [tree["not"]] if "not" in tree else [])):
        yield from leaves(part)


def agree(tree, world, occasion) -> None:
    """What was kept is what a fresh evaluation, comparison by comparison, and a reader would say."""
    RuleAsking.objects.all().delete()
    RuleFiring.objects.all().delete()
    Rule.objects.all().delete()
    rule = Rule.objects.create(key="asked", name="Asked", occasion=occasion, conditions=tree, actions=[])
    subjects = {row.pk: row for row, _facts in world}
    engine.happen(engine.Happening(occasion, subjects))
    model, kept = (Interaction if occasion == "interaction_received" else Case), {}
    for asking in RuleAsking.objects.all():
        kept[asking.interaction_id or asking.case_id] = Answer.read(asking.answers[0])
    about = Circumstances(model.objects.filter(pk__in=subjects))
    for row, facts in world:
        holds = answer(tree, facts)
        fresh = [
            model.objects.filter(parse(leaf, fields_of(occasion)).compile(about), pk=row.pk).exists()
            for leaf in leaves(tree)
        ] if row.pk in (world[0][0].pk, world[7][0].pk) else None  # fmt: skip
        if row.pk not in kept:
            assert not holds, "a rule that holds was asked"
            continue
        told = kept[row.pk]
        assert (told.outcome == "acted") == holds
        assert told.marks == "".join("01"[answer(leaf, facts)] for leaf in leaves(tree))
        assert fresh is None or told.marks == "".join("01"[each] for each in fresh)
    assert set(RuleFiring.objects.values_list("rule", flat=True)) <= {rule.pk}


@pytest.mark.django_db
@QUICK
@given(tree=interaction_trees)
def test_what_is_kept_of_responses_equals_a_fresh_evaluation(interactions, tree):
    agree(tree, interactions, "interaction_received")


@pytest.mark.django_db
@QUICK
@given(tree=case_trees)
def test_what_is_kept_of_cases_equals_a_fresh_evaluation(cases, tree):
    agree(tree, cases, "case_opened")


def test_a_rule_that_did_not_hold_is_kept_with_what_each_comparison_saw(desk):
    conditions = {"any": [{"field": "priority", "op": "eq", "value": "high"},
                          {"field": "contact_cases", "op": "gte", "value": {"count": 3, "days": 30}},
                          {"field": "title", "op": "contains", "value": "tea"}]}  # fmt: skip
    write("any", NOTE, occasion="case_opened", conditions=conditions)
    case = make_case(title="Cold coffee", topic=desk.topic, priority=desk.normal, contact=desk.contact, by=SYSTEM)
    settle()
    kept = on(case, "opened")
    assert answers(kept)["any"] == Answer(Rule.objects.get().pk, "not", "000")
    assert kept.seen == {"priority": desk.normal.key, "contact_cases:30": 1}, "a title is personal and is not copied"


def test_what_is_kept_is_of_the_moment_before_any_rule_acted(desk):
    high = models.Priority.objects.create(name="High", key="high", rank=1)
    raised = {"action": "set_priority", "priority": "high"}
    holds = {"not": {"field": "priority", "op": "eq", "value": high.key}}
    for place in (1, 2):
        write(f"raise{place}", raised, occasion="case_opened", position=place, conditions=holds)
    case = make_case(topic=desk.topic, priority=desk.normal, by=SYSTEM)
    settle()
    kept = on(case, "opened")
    assert outcomes(kept) == {"raise1": "acted", "raise2": "acted"}
    assert kept.seen == {"priority": desk.normal.key}
    case.refresh_from_db()
    assert case.priority == high


def test_a_rule_whose_first_cheap_condition_rules_the_case_out_is_only_counted(desk):
    make_topic("seat")
    write("seats", NOTE, occasion="case_opened", conditions={"field": "topic", "op": "under", "value": "seat"})
    write("service", NOTE, occasion="case_opened", conditions={"field": "topic", "op": "under", "value": "service"})
    mine, other = (make_case(topic=topic, by=SYSTEM) for topic in (desk.topic, models.Topic.objects.get(key="seat")))
    settle()
    assert [(outcomes(on(case, "opened")), on(case, "opened").left_out) for case in (mine, other)] == [
        ({"service": "acted"}, 1),
        ({"seats": "acted"}, 1),
    ], "also where both were asked about in one batch"


def test_where_no_rule_was_worth_asking_nothing_is_kept(desk):
    make_topic("seat")
    write("seats", NOTE, occasion="case_opened", conditions={"field": "topic", "op": "under", "value": "seat"})
    make_case(topic=desk.topic, by=SYSTEM)
    settle()
    assert not RuleAsking.objects.exists()


@pytest.mark.parametrize("cadence", ["once_per_response", "once_per_case", "once_per_contact"])
def test_a_rule_that_held_and_had_acted_before_names_the_firing(desk, cadence):
    write("once", NOTE, occasion="case_changed", cadence=cadence)
    case = make_case(topic=desk.topic, contact=desk.contact, by=SYSTEM)
    operations.flag_case(case, by=SYSTEM)
    settle()
    operations.unflag_case(case, by=SYSTEM)
    settle()
    firing = RuleFiring.objects.get()
    first, second = answers(on(case, "flagged"))["once"], answers(on(case, "unflagged"))["once"]
    assert (first.outcome, first.reference) == ("acted", firing.pk)
    assert (second.outcome, second.reference) == ("kept", firing.pk)


def test_two_responses_of_one_contact_in_one_batch_name_each_other(desk):
    write("rare", ALERT, cadence="once_per_contact", cadence_days=7)
    first, second = said(desk.contact), said(desk.contact)
    settle()
    firing = RuleFiring.objects.get()
    kept = {row.interaction_id: answers(row)["rare"] for row in RuleAsking.objects.all()}
    assert (kept[first.pk].outcome, kept[first.pk].reference) == ("acted", firing.pk)
    assert (kept[second.pk].outcome, kept[second.pk].reference) == ("kept", firing.pk)


def test_a_rule_that_was_stopped_names_the_rule_that_stopped_it(desk):
    first = write("first", OPEN, position=1, stop_processing=True)
    write("later", ALERT, position=2)
    write("never", ALERT, position=3, conditions={"field": "score", "op": "gt", "value": 9})
    said(score=1)
    settle()
    kept = RuleAsking.objects.get(occasion="interaction_received")
    assert outcomes(kept) == {"first": "acted", "later": "stopped", "never": "not"}
    assert answers(kept)["later"].reference == first.pk
    assert kept.case == Case.objects.get(), "the case that came of it"


def test_where_rules_go_in_circles_it_says_that_nobody_was_asked(desk, caplog):
    write("circle", ESCALATE, occasion="case_changed", cadence="every_time")
    case = make_case(topic=desk.topic, by=SYSTEM)
    operations.escalate_case(case, reason="Nobody has answered.", by=SYSTEM)
    settle()
    deepest = CaseEvent.objects.get(case=case, depth=reacting.MAX_DEPTH, type="escalated")
    kept = RuleAsking.objects.get(event=deepest)
    assert (kept.too_deep, kept.answers) == (True, [])
    assert RuleAsking.objects.filter(case=case, too_deep=False).count() == reacting.MAX_DEPTH


def test_what_a_rule_is_restricted_to_is_marked_before_its_conditions(desk):
    units = [models.Unit.add_root(number=number, name=number) for number in "123"]
    write("local", NOTE, occasion="case_opened", scope={"units": ["1", "2"]},
          conditions={"field": "flagged", "op": "is", "value": False})  # fmt: skip
    inside, outside = (make_case(topic=desk.topic, unit=unit, by=SYSTEM) for unit in units[1:])
    settle()
    assert [answers(on(case, "opened"))["local"].marks for case in (inside, outside)] == ["011", "001"]


def test_asked_again_after_a_lost_stamp_the_first_answer_stays(desk):
    write("once", OPEN)
    row = said(desk.contact)
    settle()
    before = RuleAsking.objects.get()
    again(row)
    assert RuleAsking.objects.get().answers == before.answers


def test_of_rules_at_set_times_only_what_they_did_is_kept(desk):
    flagged = {"field": "flagged", "op": "is", "value": True}
    rule = write("nightly", NOTE, occasion="schedule", timing={"every": "day", "at": "08:00"}, conditions=flagged)
    cases = [make_case(topic=desk.topic, by=SYSTEM) for _ in range(2)]
    operations.flag_case(cases[0], by=SYSTEM)
    rows = {case.pk: case for case in Case.objects.all()}
    engine.happen(engine.Happening("schedule", rows, marks=dict.fromkeys(rows, "today")), [rule])
    assert [row.case for row in RuleAsking.objects.filter(occasion="schedule")] == [cases[0]]


def test_old_rows_are_forgotten_in_batches_and_the_firings_that_keep_once_stay(desk):
    write("once", NOTE, occasion="case_changed")
    case = make_case(topic=desk.topic, by=SYSTEM)
    for verb in (operations.flag_case, operations.unflag_case, operations.flag_case):
        verb(case, by=SYSTEM)
    settle()
    now = timezone.now()
    RuleAsking.objects.update(asked_at=now - timedelta(days=91))
    assert RuleAsking.objects.count() == 4, "the rule's note started the case, which is a change, too"
    assert [forget_asked(now - timedelta(days=90), 3) for _ in range(3)] == [3, 1, 0]
    assert not RuleAsking.objects.exists()
    firing = RuleFiring.objects.get()
    assert firing.trace == THINNED
    operations.unflag_case(case, by=SYSTEM)
    settle()
    assert RuleFiring.objects.get() == firing, "once stays once"


def test_keeping_costs_one_query_for_one_case_and_for_fifty(desk):
    write("all", NOTE, occasion="case_opened", cadence="every_time")
    for number in range(3):
        holds = {"field": "title", "op": "contains", "value": f"word {number}"}
        write(f"not{number}", NOTE, occasion="case_opened", conditions=holds)
    counts = []
    for many in (1, 50):
        cases = [make_case(topic=desk.topic, by=SYSTEM) for _ in range(many)]
        opened = CaseEvent.objects.filter(case__in=cases, type="opened")
        with CaptureQueriesContext(connection) as captured:
            reacting.react(list(opened))
        counts.append(sum("ruleasking" in query["sql"] for query in captured))
        assert RuleAsking.objects.filter(case__in=cases).count() == many
    assert counts == [1, 1]
