"""Applying a file: differences, versions, rights, and reasons that name the entry, the field and the mend."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from case_management import models
from case_management.configuration import (
    ConfigurationRefused,
    apply_configuration,
    export_configuration,
    read_configuration,
)
from case_management.testing import make_case, make_topic, make_user
from tests.configuration.test_round_trip import furnish
from tests.ui.setup.doors import user_with

pytestmark = pytest.mark.django_db
RULE = {
    "key": "unhappy", "name": "Unhappy", "occasion": "interaction_received",
    "conditions": {"field": "score", "op": "lte", "value": 4}, "actions": [{"action": "alert"}],
}  # fmt: skip


@pytest.fixture
def boss(db):
    return make_user("boss", is_superuser=True)


def refused(lists, **more):
    """The reasons, as lines."""
    with pytest.raises(ConfigurationRefused) as caught:
        apply_configuration(lists, **more)
    return [str(problem) for problem in caught.value.problems]


def test_only_what_an_entry_names_changes_and_the_rest_stays():
    make_topic("seat")
    models.Priority.objects.create(name="Urgent", rank=1, description="Now", position=7)
    report = apply_configuration({"priorities": [{"key": "urgent", "rank": 2}]})
    assert [(change.entry, change.fields) for change in report.changes] == [("urgent", [("rank", 1, 2)])]
    kept = models.Priority.objects.get()
    assert (kept.description, kept.position, kept.rank) == ("Now", 7, 2)
    assert models.Topic.objects.count() == 1


def test_the_default_moves_from_one_priority_to_another_in_whatever_order_they_stand():
    for name, rank in (("A", 1), ("B", 2)):
        models.Priority.objects.create(name=name, rank=rank, is_default=name == "B")
    entries = [{"key": "a", "is_default": True}, {"key": "b", "is_default": False}]
    for lists in (entries, [{**entry, "is_default": not entry["is_default"]} for entry in entries]):
        apply_configuration({"priorities": lists})
        assert {row.key: row.is_default for row in models.Priority.objects.all()} == {
            entry["key"]: entry["is_default"] for entry in lists
        }


def test_a_node_moves_with_its_branch_and_siblings_take_the_order_of_the_file():
    entries = [{"key": key, "name": key, "parent": parent} for key, parent in (("a", None), ("b", None), ("c", "b"))]
    apply_configuration({"topics": entries})
    moved = [{"key": "b", "parent": None}, {"key": "c", "parent": "b"}, {"key": "a", "parent": "c"}]
    apply_configuration({"topics": moved})
    assert [(row["key"], row["parent"]) for row in export_configuration()["topics"]] == [
        ("b", None), ("c", "b"), ("a", "c"),
    ]  # fmt: skip
    back = [{"key": "a", "parent": None}, {"key": "b", "parent": None}, {"key": "c", "parent": "a"}]
    apply_configuration({"topics": back})
    assert [(row["key"], row["parent"]) for row in export_configuration()["topics"]] == [
        ("a", None), ("c", "a"), ("b", None),
    ]  # fmt: skip
    assert "itself" in refused({"topics": [{"key": "a", "parent": "c"}]})[0]


def test_holidays_that_the_file_does_not_name_go_and_the_others_are_left_alone():
    calendar = models.BusinessCalendar.objects.create(name="Office")
    kept = models.Holiday.objects.create(calendar=calendar, date="2026-12-25", name="Christmas")
    models.Holiday.objects.create(calendar=calendar, date="2026-12-26", name="Boxing Day")
    wanted = [{"date": "2026-12-25", "name": "Christmas"}, {"date": "2027-01-01", "name": "New Year", "hours": ""}]
    apply_configuration({"calendars": [{"key": "office", "holidays": wanted}]})
    found = list(models.Holiday.objects.order_by("date").values_list("pk", "name"))
    assert found[0] == (kept.pk, "Christmas")
    assert [name for _pk, name in found] == ["Christmas", "New Year"]


def test_a_rule_that_has_acted_is_followed_by_its_next_version():
    apply_configuration({"rules": [RULE]})
    rule = models.Rule.objects.get()
    apply_configuration({"rules": [{**RULE, "conditions": {}}]})
    assert models.Rule.objects.get().pk == rule.pk, "it has not acted yet"
    models.RuleFiring.objects.create(key="x", rule=rule, about_at=timezone.now(), fired_at=timezone.now())
    apply_configuration({"rules": [{**RULE, "name": "Sad", "conditions": {}}]})
    assert models.Rule.objects.get().name == "Sad", "a name is no new version"
    apply_configuration({"rules": [RULE]})
    assert list(models.Rule.objects.order_by("version").values_list("version", "is_active")) == [(1, False), (2, True)]
    assert apply_configuration({"rules": [RULE]}).changes == []


def test_approved_wording_needs_somebody_who_may_approve_and_becomes_a_new_version(boss):
    furnish(boss)
    changed = {"key": "sorry", "subject": "We are sorry", "state": "approved"}
    assert "say who" in refused({"scripted_responses": [changed]})[0]
    writer = user_with("view_scriptedresponse", "change_scriptedresponse", "add_scriptedresponse")
    assert "may approve" in refused({"scripted_responses": [changed]}, by=writer)[0]
    apply_configuration({"scripted_responses": [changed]}, by=boss)
    rows = models.ScriptedResponse.objects.order_by("version").values_list("version", "state", "subject")
    assert list(rows) == [(1, "retired", "Our apologies"), (2, "approved", "We are sorry")]
    assert "retired" in refused({"scripted_responses": [{"key": "sorry", "state": "draft"}]}, by=boss)[0]


def test_people_need_the_right_of_each_list_for_all_units(boss):
    models.Priority.objects.create(name="Urgent", rank=1)
    editor = user_with("change_settings", "change_priority")
    lists = {"priorities": [{"key": "urgent", "rank": 2}, {"key": "low", "name": "Low", "rank": 9}]}
    (reason,) = refused(lists, by=editor)
    assert reason == "priorities › low: You lack the right “add_priority” for all units."
    assert models.Priority.objects.get().rank == 1, "nothing is changed by halves"
    assert [change.entry for change in apply_configuration(lists, by=boss).changes] == ["urgent", "low"]
    assert export_configuration(editor).keys() == {"format", "format_version"}


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({"tags": [{"key": "x", "name": "X", "category": "none"}]}, "tags › x › category: There is no entry “none”"),
        ({"topics": [{"key": "x", "name": "X", "parent": "y"}]}, "topics › x › parent: There is no “y”"),
        ({"priorities": [{"key": "x", "name": "X"}]}, "priorities › x › rank: "),
        ({"priorities": [{"key": "x", "name": "X", "rank": "1"}]}, "priorities › x › rank: Write a whole number"),
        ({"priorities": [{"key": "x", "name": 5, "rank": 1}]}, "priorities › x › name: Write a text"),
        ({"case_types": [{"key": "x", "name": "X", "colour": 1}]}, "case_types › x › colour: There is no such field"),
        ({"case_types": [{"key": "x y", "name": "X"}]}, "case_types › x y › key: "),
        ({"calendars": [{"key": "x", "name": "X", "monday": "9 to 5"}]}, "calendars › x › monday: “9 to 5”"),
        ({"calendars": [{"key": "x", "name": "X", "holidays": [{"date": "soon"}]}]}, "calendars › x › holidays soon"),
        ({"custom_fields": [{"key": "x", "name": "X", "kind": "choice"}]}, "custom_fields › x › options: "),
        ({"assignment_chains": [{"key": "x", "name": "X", "strategies": ["y"]}]}, "Unknown strategy: y. Known: "),
        ({"rules": [{**RULE, "actions": [{"action": "sing"}]}]}, "rules › unhappy › actions: "),
        ({"rules": [{**RULE, "conditions": {"field": "mood", "op": "eq"}}]}, "rules › unhappy › conditions: "),
        ({"macros": [{"key": "x", "name": "X", "steps": [{"action": "sing"}]}]}, "macros › x › steps: Step 1: "),
        (
            {"macros": [{"key": "x", "name": "X", "steps": [{"action": "tag", "add": ["t"], "remove": []}]}]},
            "There is no “t” in “tags”",
        ),
        ({"settings": [{"note_min_length": 0}]}, "settings › note_min_length: "),
    ],
)
def test_a_reason_names_the_list_the_entry_the_field_and_the_mend(lists, said):
    before = export_configuration()
    assert any(said in line for line in refused(lists)), refused(lists)
    assert export_configuration() == before


def test_all_reasons_come_at_once_and_nothing_is_changed():
    lists = {"priorities": [{"key": "a"}, {"key": "b", "name": "B", "rank": 2}], "tags": [{"key": "x", "name": "X"}]}
    assert len(refused(lists)) == 3
    assert not models.Priority.objects.exists()


def test_a_live_rule_that_would_not_work_any_more_refuses_the_file():
    make_topic("seat")
    apply_configuration({"rules": [{**RULE, "actions": [{"action": "open_case", "topic": "seat"}]}]})
    (reason,) = refused({"topics": [{"key": "seat", "is_active": False}]})
    assert reason.startswith("rules › unhappy: ")


def test_what_cases_have_filled_in_stays(boss):
    field = models.CustomField.objects.create(name="Size", kind="number")
    case = make_case()
    from case_management.domain.actor import Actor
    from case_management.operations import set_custom_fields

    set_custom_fields(case, {field.key: 5}, by=Actor.system("test"))
    assert "fixed" in refused({"custom_fields": [{"key": "size", "kind": "text"}]})[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Line 1, column 2"),
        ("[]", "not a configuration"),
        ('{"format": "case_management configuration", "format_version": 9}', "reads version 1"),
        ('{"format": "case_management configuration", "format_version": 1, "things": []}', "not known"),
        ('{"format": "case_management configuration", "format_version": 1, "tags": {}}', "Give a list"),
        ('{"format": "case_management configuration", "format_version": 1, "tags": [{}]}', "tags › 1 › key"),
        ('{"format": 1, "format": 2}', "stands twice"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigurationRefused, match=said):
        read_configuration(text)


def test_an_entry_that_stands_twice_is_named():
    entries = [{"key": "a", "name": "A"}, {"key": "a", "name": "B"}]
    file = {"format": "case_management configuration", "format_version": 1, "case_types": entries}
    with pytest.raises(ConfigurationRefused, match="case_types › a: It stands twice"):
        read_configuration(json.dumps(file))


def test_the_commands_export_compare_and_apply(boss, tmp_path):
    furnish(boss)
    file, out = tmp_path / "c.json", io.StringIO()
    call_command("export_configuration", str(file), stderr=io.StringIO())
    models.Priority.objects.filter(key="urgent").update(rank=2)
    models.CaseType.objects.create(name="Extra")
    call_command("apply_configuration", str(file), "--dry-run", "--as", "boss", stdout=out)
    assert out.getvalue().splitlines() == [
        "~ priorities urgent", "    rank: 2 → 1", "= only here: case_types extra",
        f"1 entries would change, {sum(map(len, read_configuration(file.read_bytes()).values())) - 1} are the same.",
    ]  # fmt: skip
    assert models.Priority.objects.get(key="urgent").rank == 2
    call_command("apply_configuration", str(file), stdout=out)
    assert models.Priority.objects.get(key="urgent").rank == 1
    file.write_text(file.read_text().replace('"Europe/Paris"', '"Europe/Nowhere"'))
    with pytest.raises(CommandError, match="! calendars › office › timezone: ") as caught:
        call_command("apply_configuration", str(file), stdout=out)
    assert caught.value.returncode == 3


def test_a_ladder_is_changed_step_by_step_and_keeps_the_people_whom_no_file_names(boss):
    furnish(boss)
    models.SlaRung.objects.filter(level=2).update(user=boss)
    (entry,) = export_configuration()["sla_policies"]
    first, second = entry["rungs"]
    entry["rungs"] = [second | {"minutes": 120}, first | {"level": 3}]
    apply_configuration({"sla_policies": [entry]}, by=boss)
    rungs = models.SlaRung.objects.order_by("level").values_list("level", "minutes", "user", "team__key")
    assert list(rungs) == [(2, 120, boss.pk, "desk"), (3, 0, None, None)]


@pytest.mark.parametrize("warnings", ["half", "50, 100", "0"])
def test_warnings_that_no_clock_could_read_are_refused(boss, warnings):
    furnish(boss)
    (line,) = refused({"sla_policies": [{"key": "fast", "warnings": warnings}]}, by=boss)
    assert "fast" in line
    assert "from 1 to 99" in line


def test_warnings_are_kept_in_one_spelling(boss):
    furnish(boss)
    apply_configuration({"sla_policies": [{"key": "fast", "warnings": "90% 50"}]}, by=boss)
    assert models.SlaPolicy.objects.get().warnings == "50, 90"
