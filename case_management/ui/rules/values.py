"""What a person typed or chose beside a condition, as the rule stores it; and the other way round for the form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from case_management.rules.conditions.spans import UNITS, read_span
from case_management.rules.fields import Kind

#: Operators that ask for nothing, for several values, or for a length of time.
NO_VALUE = frozenset({"empty", "filled", "changed"})
SEVERAL = frozenset({"in", "not_in", "has_any", "has_none"})
SPANS = frozenset({"longer_ago", "within_last", "within_next"})

Given = Mapping[str, list[str]]


def shape_of(kind: Kind, op: str, has_options: bool) -> str:
    """Which inputs stand beside the operator."""
    if op in NO_VALUE or not op:
        return "none"
    if op in SEVERAL:
        return "several" if has_options else "list"
    by_op = {**dict.fromkeys(SPANS, "span"), "from_to": "change"}
    by_kind = {Kind.COUNT: "count", Kind.YES_NO: "yes_no", Kind.MOMENT: "moment", Kind.DAY: "day"}
    return by_op.get(op) or by_kind.get(kind) or ("choice" if has_options else "text")


def stored_value(kind: Kind, op: str, given: Given) -> Any:
    """For the rule's JSON; what is not there is None, and the rule's own check says what is missing."""
    if op in NO_VALUE:
        return None
    if op in SPANS:
        return f"{_one(given, 'amount')} {_one(given, 'unit')}".strip()
    if kind is Kind.COUNT:
        count, days = _whole(_one(given, "count")), _whole(_one(given, "days"))
        return {"count": count, **({"days": days} if days else {})}
    if op == "from_to":
        return {name: text for name in ("from", "to") if (text := _one(given, name))}
    if op in SEVERAL:
        return [word.strip() for text in given.get("value", []) for word in text.split(",") if word.strip()]
    is_number = kind is Kind.NUMBER or (kind is Kind.ANSWER and op in ("lt", "lte", "gt", "gte"))
    return _number(_one(given, "value")) if is_number else _single(kind, _one(given, "value"))


def _single(kind: Kind, text: str) -> Any:
    if kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(text, text)
    return _instant(text) if kind is Kind.MOMENT else text


def given_value(kind: Kind, op: str, value: Any) -> dict[str, list[str]]:
    """What the inputs show for a stored value."""
    if value is None:
        return {}
    if op in SPANS:
        span = read_span(str(value))
        return {"amount": [str(span.amount)], "unit": [span.unit]}
    if isinstance(value, Mapping):
        return {name: [str(each)] for name, each in value.items()}
    if isinstance(value, bool):
        return {"value": ["yes" if value else "no"]}
    if kind is Kind.MOMENT:
        return {"value": [_shown(str(value))]}
    return {"value": [str(each) for each in value] if isinstance(value, list) else [str(value)]}


def units() -> list[tuple[str, str]]:
    """Of lengths of time."""
    return [(key, str(label)) for key, label in UNITS.items()]


def _one(given: Given, name: str) -> str:
    return next((text.strip() for text in given.get(name, []) if text.strip()), "")


def _whole(text: str) -> Any:
    return int(text) if text.isdecimal() and len(text) < 10 else text or None


def _number(text: str) -> Any:
    """As JSON has it where that is the same number, else as it was typed."""
    try:
        number = int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text
    return number if str(number) == text else text


def _instant(text: str) -> str:
    """What the browser sends has no offset: it is the reader's own time."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return text
    if found is None:
        return text
    return (timezone.make_aware(found) if timezone.is_naive(found) else found).isoformat()


def _shown(text: str) -> str:
    try:
        return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return text
