"""Laws that people forget and machines do not: who writes cases, how long things get, what modules say."""

from __future__ import annotations

import ast

import pytest
from django.core.management import call_command

from case_management.domain.events import EVENTS, projected_fields
from tests.architecture import source

#: The only places that may name a projected field as something to write.
WRITERS = ("domain/events/", "timeline/projection.py", "models/case.py")
#: Names that belong to other models as well; there they are assigned with every right.
SHARED = {"status", "unit_id", "team_id", "deadline", "topic_id", "version"}
CASE_NAMES = {"case", "held", "shadow", "locked"}


def _attribute(node: ast.expr) -> str:
    """``case.field`` → field, if the object is called like a case."""
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return ""
    is_case = node.value.id in CASE_NAMES or node.attr not in SHARED
    return node.attr if is_case and node.attr in projected_fields() else ""


def _assigned(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        found |= {name for target in targets if (name := _attribute(target))}
    return found


def _updated(tree: ast.AST) -> set[str]:
    """Keywords of ``Case.objects….update(field=…)`` and of ``Case(field=…)``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if (called.endswith(".update") and "Case.objects" in called) or called in ("Case", "models.Case"):
            keywords = {keyword.arg for keyword in node.keywords if keyword.arg}
            found |= {name for name in keywords if name in projected_fields() or f"{name}_id" in projected_fields()}
    return found


def test_no_module_but_the_events_writes_what_an_event_changes():
    #: Cases that are never saved: they only carry facts to a function that asks for a case.
    stand_ins = {"operations/import_history.py", "operations/import_changes.py", "testing/demo/seeding.py"}
    guilty = {}
    for name, tree in source.modules().items():
        written = _assigned(tree) | (set() if name in stand_ins else _updated(tree))
        if written and not name.startswith(WRITERS):
            guilty[name] = written
    assert guilty == {}


def test_the_law_would_see_a_hand_written_status():
    assert _assigned(ast.parse("case.status = 'closed'")) == {"status"}
    assert _assigned(ast.parse("row.resolved_at = None")) == {"resolved_at"}
    assert _updated(ast.parse("Case.objects.filter(pk=1).update(assignee=None)")) == {"assignee"}


@pytest.mark.parametrize("name", sorted(source.modules()))
def test_every_module_opens_with_what_it_is_for(name):
    tree = source.modules()[name]
    assert ast.get_docstring(tree) or not tree.body, f"{name} has no docstring"


def test_functions_and_modules_stay_within_their_budgets():
    long_functions = {
        f"{name}:{function.name}": source.length(function)
        for name, tree in source.modules().items()
        for function in source.functions(tree)
        if source.length(function) > 40
    }
    long_modules = {name: source.text_lines(name) for name in source.modules() if source.text_lines(name) > 300}
    assert (long_functions, long_modules) == ({}, {})


def test_commands_and_the_composition_root_stay_thin():
    thin = {name: 60 for name in source.modules() if name.startswith("management/commands/")} | {
        "apps.py": 60,
        "checks.py": 160,
    }
    assert {name: source.text_lines(name) for name, most in thin.items() if source.text_lines(name) > most} == {}


def test_every_event_has_a_label_and_a_code_and_declares_what_it_changes(django_user_model):
    for code, event in EVENTS.items():
        assert event.code == code
        assert str(event.label)


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "case_management", check=True, dry_run=True, verbosity=0)
