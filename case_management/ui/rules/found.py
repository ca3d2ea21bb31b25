"""What a trial found, in the order and the words in which a page tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from case_management.models import Case
from case_management.rules.actions import actions


def _headings() -> dict[str, str]:
    """Groups that are no fact of a case, in their order."""
    return {
        "sla": _("Deadlines"),
        "mailed": _("Who would have been mailed"),
        "customer": _("Messages to the customer"),
        "addresses": _("Messages to addresses outside"),
        "alert": _("Alerts"),
        "webhook": _("Webhooks called"),
        "chain": _("Assigned by a chain of strategies (to whom, only that moment could tell)"),
        "conflicts": _("Another live rule wants something else"),
        "stopped": _("Not asked, because an earlier rule stops"),
        "refused": _("Refused"),
        "idle": _("Nothing to change"),
        "unforeseen": _("Actions whose effect is not foreseen"),
    }


_WARN = frozenset({"conflicts", "refused", "unforeseen"})


def found_groups(tally: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """A heading with its counts each: facts of the case first."""
    facts = sorted(name for name in tally if name.startswith("field."))
    ordered = [(name, field_label(name.removeprefix("field."))) for name in facts]
    ordered += [(name, heading) for name, heading in _headings().items() if name in tally]
    return [
        {"heading": heading, "names": _ranked(name, tally[name]), "warns": name in _WARN} for name, heading in ordered
    ]


def _ranked(group: str, names: Mapping[str, int]) -> list[tuple[str, int]]:
    words = {"earlier": _("earlier"), "later": _("later"), "new": _("set"), "gone": _("taken away")}
    is_moment = group == "sla" or set(names) <= set(words)
    ranked = sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))
    if group in ("customer", "alert", "unforeseen"):
        return [(action_label(name), count) for name, count in ranked]
    if group in ("idle", "refused"):
        return [(_labelled(name), count) for name, count in ranked]
    return [(words.get(name, name) if is_moment else _in_words(name), count) for name, count in ranked]


def _in_words(name: str) -> str:
    """“no → yes”; a trial keeps them as they are called in files."""
    said = {str(value): _value(value) for value in (True, False)}
    return " → ".join(said.get(part, part) for part in name.split(" → "))


def _labelled(name: str) -> str:
    action, _colon, why = name.partition(": ")
    return f"{action_label(action)}: {why}"


def field_label(name: str) -> str:
    """What a fact of a case is called."""
    if name.startswith("custom."):
        return name.removeprefix("custom.")
    try:
        return capfirst(str(Case._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def action_label(key: str) -> str:
    """What an action is called."""
    return str(actions.get(key).label) if key in actions else key


def shown_actions(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions of a line with labels for people."""
    return [
        {
            "label": action_label(entry.get("action", "")),
            "changes": [
                {
                    "label": field_label(change["field"]),
                    "before": _value(change["before"]),
                    "after": _value(change["after"]),
                }
                for change in entry.get("changes", ())
            ],
            "mailed": [*entry.get("users", ()), *entry.get("addresses", ())],
            "customer": entry.get("customer"),
            "remark": entry.get("refused") or entry.get("idle") or "",
            "attached": entry.get("attached"),
        }
        for entry in entries
    ]


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-":
        return parse_datetime(value) or value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else value
