"""The operators of conditions over a value of the past; answers are true or false, never unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from case_management.models import CalendarVersion
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.operators import Operator
from case_management.rules.conditions.spans import Span, read_span
from case_management.rules.conditions.tree import Leaf
from case_management.rules.field_kinds import Kind
from case_management.sla.calendar import Calendar
from case_management.sla.versions import kept_versions

#: What was seen, and the moment of asking.
Test = Callable[[Any, Any], bool]


class Hours:
    """The open hours that spans count: those of the case's own clock, else the first calendar's."""

    def of(self, version: int | None) -> Calendar:
        """The calendar of a case whose clock runs on this version."""
        return self._kept.get(version or 0, self._first)

    @cached_property
    def _first(self) -> Calendar:
        return Circumstances().first_calendar

    @cached_property
    def _kept(self) -> dict[int, Calendar]:
        versions = set(CalendarVersion.objects.values_list("pk", flat=True))
        return {pk: hours.calendar for pk, hours in kept_versions(versions).items()}


def compared(leaf: Leaf, operator: Operator, hours: Hours) -> Test:
    """How the leaf compares; ``operator`` is the positive one of a pair."""
    kind, op, value = leaf.field.kind, leaf.op, leaf.value
    if kind in (Kind.CHANGE, Kind.CHOICE) and operator.test is not None:
        test = operator.test
        return lambda seen, moment: test(seen, value)
    if op == "empty":
        return lambda seen, moment: seen is None or seen == "" or (kind is Kind.MANY and not seen)
    if kind is Kind.MOMENT and op not in ("before", "after"):
        return _spans(op, read_span(value), hours)
    return _PLAIN[kind](op, _plain(leaf))


def _plain(leaf: Leaf) -> Any:
    """Custom numbers are kept, and so compared, as floating ones."""
    is_custom_number = leaf.field.custom is not None and leaf.field.kind is Kind.NUMBER
    return float(leaf.value) if is_custom_number else leaf.value


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda seen, value: bool(seen == value),
    "lt": lambda seen, value: bool(seen < value),
    "lte": lambda seen, value: bool(seen <= value),
    "gt": lambda seen, value: bool(seen > value),
    "gte": lambda seen, value: bool(seen >= value),
    "before": lambda seen, value: bool(seen < value),
    "after": lambda seen, value: bool(seen > value),
}


def _ordered(op: str, value: Any) -> Test:
    order = _ORDERS[op]
    return lambda seen, moment: seen is not None and order(seen, value)


def _is(op: str, value: Any) -> Test:
    return lambda seen, moment: seen is value


def _many(op: str, value: Any) -> Test:
    wanted = {value} if op == "has" else set(value)
    return lambda seen, moment: not wanted.isdisjoint(seen or ())


def _spans(op: str, span: Span, hours: Hours) -> Test:
    def longer_ago(seen: datetime, moment: Any) -> bool:
        return seen <= span.before(moment.at, hours.of(moment.state.values.get("sla_calendar_id")))

    def within_next(seen: datetime, moment: Any) -> bool:
        at = moment.at
        return bool(at < seen <= span.after(at, hours.of(moment.state.values.get("sla_calendar_id"))))

    if op == "longer_ago":
        return lambda seen, moment: seen is not None and longer_ago(seen, moment)
    if op == "within_next":
        return lambda seen, moment: seen is not None and within_next(seen, moment)
    return lambda seen, moment: seen is not None and seen <= moment.at and not longer_ago(seen, moment)


_PLAIN: dict[Kind, Callable[[str, Any], Test]] = {
    Kind.NUMBER: _ordered,
    Kind.DAY: _ordered,
    Kind.MOMENT: _ordered,
    Kind.YES_NO: _is,
    Kind.MANY: _many,
}
