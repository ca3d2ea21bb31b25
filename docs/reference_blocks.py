"""Tables in the documentation that are printed from the code: run ``python -m docs.reference_blocks`` to refresh them.

A block stands between ``<!-- printed: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- printed: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def first_line(thing: object) -> str:
    """The first sentence of a docstring, on one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def lifecycle() -> str:
    """THE table."""
    from case_management.domain.transitions import TABLE

    return _steps(TABLE.values())


def moves() -> str:
    """Of THE table what leads from one status to another."""
    from case_management.domain.transitions import TABLE

    return _steps(step for step in TABLE.values() if step.target)


def _steps(steps: Iterable[Any]) -> str:
    return table(
        ["Verb", "From", "To", "Needs", "Right"],
        [
            [
                f"`{step.verb}`",
                ", ".join(f"`{source}`" for source in step.sources) or "–",
                f"`{step.target}`" if step.target else "stays",
                ", ".join(step.needs) or "–",
                f"`{step.permission}`",
            ]
            for step in steps
        ],
    )


def settings() -> str:
    """Every key of CASE_MANAGEMENT."""
    from case_management import conf

    source = inspect.getsource(conf)
    rows = []
    for name, function in inspect.getmembers(conf, inspect.isfunction):
        key = re.search(r'_get\(\s*"(\w+)"(?:,\s*(.+?))?\)', inspect.getsource(function))
        if key and not name.startswith("_"):
            rows.append([f"`{key[1]}`", first_line(function)])
    assert {row[0].strip("`") for row in rows} == set(conf.KEYS), "a key of conf.KEYS has no function, or the reverse"
    assert source
    return table(["Key", "Meaning"], sorted(rows))


def events() -> str:
    """Every event with what it changes."""
    from case_management.domain.events import EVENTS

    return table(
        ["Code", "Event", "Changes"],
        [
            [f"`{code}`", first_line(event), ", ".join(f"`{name}`" for name in sorted(event.touches)) or "–"]
            for code, event in EVENTS.items()
        ],
    )


def operations() -> str:
    """The public Python API."""
    from case_management import operations as verbs

    found = [(name, getattr(verbs, name)) for name in sorted(verbs.__all__)]
    return table(
        ["Operation", "What it does"],
        [
            [f"`{name}{inspect.signature(verb)}`".replace("'", ""), first_line(verb)]
            for name, verb in found
            if inspect.isfunction(verb)
        ],
    )


def roles() -> str:
    """The roles that create_roles makes."""
    from case_management.access.roles import ROLES

    return table(
        ["Role", "For", "Rights on cases"],
        [
            [
                role.name,
                role.description,
                ", ".join(f"`{name}`" for name in sorted(role.permissions) if name.endswith("_case")),
            ]
            for role in ROLES
        ],
    )


def conditions() -> str:
    """What rules may ask."""
    from case_management.rules.conditions.operators import OPERATORS
    from case_management.rules.fields import case_fields, interaction_fields

    return table(
        ["Field", "On", "Comparisons"],
        [
            [f"`{name}`", where, ", ".join(f"`{op}`" for op in OPERATORS[field.kind])]
            for where, fields in (("interactions", interaction_fields), ("cases", case_fields))
            for name, field in fields.items()
        ],
    )


def actions() -> str:
    """What rules may do."""
    from case_management.rules.actions import actions as registered

    return table(
        ["Action", "Parameters", "What it does"],
        [
            [f"`{name}`", ", ".join(f"`{key}`" for key in action.Parameters.base_fields), first_line(action)]
            for name, action in registered.items()
        ],
    )


def keys() -> str:
    """The keyboard."""
    from case_management.ui.keys import GROUPS

    return table(
        ["Where", "Keys", "What they do"],
        [
            [str(group.label), " ".join(f"<kbd>{each}</kbd>" for each in key.keys), str(key.label)]
            for group in GROUPS
            for key in group.keys
        ],
    )


PRINTED: dict[str, Callable[[], str]] = {
    function.__name__: function
    for function in (lifecycle, moves, settings, events, operations, roles, conditions, actions, keys)
}


def refreshed(text: str) -> str:
    """The text with every block printed anew."""
    return BLOCK.sub(lambda found: found[1] + PRINTED[found["name"]]() + found[3], text)


def pages() -> list[Path]:
    """Every page that may hold blocks or code."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def main() -> None:
    """Refresh every page in place; with --check only say which ones are stale."""
    django.setup()
    texts = {page: page.read_text(encoding="utf-8") for page in pages()}
    stale = {page: refreshed(text) for page, text in texts.items() if refreshed(text) != text}
    for page, text in stale.items():
        if "--check" not in sys.argv:
            page.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{page.relative_to(ROOT)}\n")
    sys.exit(1 if stale and "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
