"""The operators per kind of field: each checks the value a rule gives and says how it is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import DecimalField, Q, Value
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.rules.conditions import values
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.patterns import checked_pattern, found_in
from case_management.rules.conditions.spans import checked_span, read_span
from case_management.rules.field_kinds import Field, Kind

Compile = Callable[[str, Any, Circumstances], Q]


@dataclass(frozen=True)
class Operator:
    """How one comparison reads and checks its value, and how it is answered; answers are true or false, never unknown.

    The database answers ``compile``; ``test`` compares what was read of a subject with the rule's value. An operator
    that is the ``opposite`` of another one has neither.
    """

    label: Promise | str
    check: Callable[[Any], Any]
    compile: Compile | None = None
    test: Callable[[Any, Any], bool] | None = None
    opposite: str = ""


def _lookup(name: str) -> Compile:
    return lambda path, value, about: Q(**{f"{path}{name}": value})


def _amount(name: str) -> Compile:
    """As a number of its own: prepared by the column it would be cut to what the column can hold, 1.5 to 1."""
    whole = DecimalField(max_digits=12 + values.DECIMALS, decimal_places=values.DECIMALS)
    return lambda path, value, about: Q(**{f"{path}{name}": Value(value, whole)})


def _branch(path: str, key: str, about: Circumstances) -> Q:
    """The node named by its key or number, and everything below; a node that is gone matches nothing."""
    top = about.branches["topic" if path.endswith("topic") else "unit"].get(key)
    return Q(**{f"{path}__path__startswith": top}) if top else Q(pk__in=[])


def _longer_ago(path: str, value: str, about: Circumstances) -> Q:
    span = read_span(value)
    if not span.is_business:
        return Q(**{f"{path}__lte": about.now - span.length})
    return about.by_calendar(lambda calendar: Q(**{f"{path}__lte": span.before(about.now, calendar)}))


def _within_the_last(path: str, value: str, about: Circumstances) -> Q:
    return Q(**{f"{path}__lte": about.now}) & ~_longer_ago(path, value, about)


def _within_the_next(path: str, value: str, about: Circumstances) -> Q:
    span, ahead = read_span(value), Q(**{f"{path}__gt": about.now})
    if not span.is_business:
        return ahead & Q(**{f"{path}__lte": about.now + span.length})
    return ahead & about.by_calendar(lambda calendar: Q(**{f"{path}__lte": span.after(about.now, calendar)}))


def _number_of(value: Any) -> Decimal | None:
    """An answer as a number, also where it came as digits in a text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _compared(how: Callable[[Decimal, Decimal], bool]) -> Callable[[Any, Any], bool]:
    def test(seen: Any, value: Decimal) -> bool:
        answered = [number for one in _each(seen) if (number := _number_of(one)) is not None]
        return any(how(number, value) for number in answered)

    return test


def _each(seen: Any) -> list[Any]:
    return seen if isinstance(seen, list) else [seen]


def _folded(value: Any) -> str:
    return " ".join(str(value).split()).casefold()


def _same_answer(seen: Any, value: Any) -> bool:
    """The same number, the same yes or no, or the same words in whatever case; of a list any one."""
    for one in _each(seen):
        if one is None:
            continue
        if isinstance(one, bool) or isinstance(value, bool):
            if one is value:
                return True
        elif _folded(one) == _folded(value) or ((left := _number_of(one)) is not None and left == _number_of(value)):
            return True
    return False


def _answer_contains(seen: Any, value: str) -> bool:
    return any(isinstance(one, str) and _folded(value) in _folded(one) for one in _each(seen))


def _no_answer(seen: Any, value: Any) -> bool:
    return all(one is None or one == "" for one in _each(seen))


def _as_asked(seen: Any, value: Mapping[str, str]) -> bool:
    if seen is None:
        return False
    return value.get("from") in (None, *seen.before) and value.get("to") in (None, *seen.after)


def counted(seen: Any, value: Mapping[str, int]) -> int:
    """How many of what was seen lie inside the rule's days."""
    days = value.get("days")
    return sum(days is None or back.total_seconds() < days * 86_400 for back in seen or ())


def _count(how: Callable[[int, int], bool]) -> Callable[[Any, Any], bool]:
    return lambda seen, value: how(counted(seen, value), value["count"])


_is_null = Operator(gettext_lazy("is empty"), values.nothing, lambda path, value, about: Q(**{f"{path}__isnull": True}))
_no_text = Operator(
    gettext_lazy("is empty"),
    values.nothing,
    lambda path, value, about: Q(**{path: ""}) | Q(**{f"{path}__isnull": True}),
)
_filled = Operator(gettext_lazy("is filled in"), values.nothing, opposite="empty")
_is, _is_not, _is_one_of = gettext_lazy("is"), gettext_lazy("is not"), gettext_lazy("is one of")


def _not(label: Any, opposite: str, check: Callable[[Any], Any]) -> Operator:
    return Operator(label, check, opposite=opposite)


_MORE = {
    "lt": (gettext_lazy("is less than"), "__lt", Decimal.__lt__),
    "lte": (gettext_lazy("is at most"), "__lte", Decimal.__le__),
    "gt": (gettext_lazy("is more than"), "__gt", Decimal.__gt__),
    "gte": (gettext_lazy("is at least"), "__gte", Decimal.__ge__),
}

OPERATORS: Mapping[Kind, Mapping[str, Operator]] = {
    Kind.NUMBER: {
        "eq": Operator(_is, values.number, _amount("")),
        "ne": _not(_is_not, "eq", values.number),
        **{name: Operator(label, values.number, _amount(lookup)) for name, (label, lookup, _how) in _MORE.items()},
        "empty": _is_null,
        "filled": _filled,
    },
    Kind.TEXT: {
        "contains": Operator(gettext_lazy("contains"), values.text, _lookup("__icontains")),
        "not_contains": _not(gettext_lazy("does not contain"), "contains", values.text),
        "starts_with": Operator(gettext_lazy("starts with"), values.text, _lookup("__istartswith")),
        "ends_with": Operator(gettext_lazy("ends with"), values.text, _lookup("__iendswith")),
        "eq": Operator(gettext_lazy("is exactly"), values.text, _lookup("__iexact")),
        "matches": Operator(gettext_lazy("matches the pattern"), checked_pattern, test=found_in),
        "not_matches": _not(gettext_lazy("does not match the pattern"), "matches", checked_pattern),
        "empty": _no_text,
        "filled": _filled,
    },
    Kind.CHOICE: {
        "eq": Operator(_is, values.text, _lookup(""), lambda seen, value: seen == value),
        "ne": _not(_is_not, "eq", values.text),
        "in": Operator(_is_one_of, values.texts, _lookup("__in"), lambda seen, value: seen in value),
        "not_in": _not(gettext_lazy("is none of"), "in", values.texts),
        "empty": Operator(_no_text.label, values.nothing, _no_text.compile, lambda seen, value: not seen),
        "filled": _filled,
    },
    Kind.YES_NO: {
        "is": Operator(_is, values.truth, _lookup("")),
        "empty": _is_null,
        "filled": _filled,
    },
    Kind.MOMENT: {
        "before": Operator(gettext_lazy("is before"), values.moment, _lookup("__lt")),
        "after": Operator(gettext_lazy("is after"), values.moment, _lookup("__gt")),
        "longer_ago": Operator(gettext_lazy("is at least so long ago:"), checked_span, _longer_ago),
        "within_last": Operator(gettext_lazy("is less long ago than"), checked_span, _within_the_last),
        "within_next": Operator(gettext_lazy("comes within the next"), checked_span, _within_the_next),
        "empty": _is_null,
        "filled": _filled,
    },
    Kind.DAY: {
        "eq": Operator(_is, values.day, _lookup("")),
        "before": Operator(gettext_lazy("is before"), values.day, _lookup("__lt")),
        "after": Operator(gettext_lazy("is after"), values.day, _lookup("__gt")),
        "empty": _is_null,
        "filled": _filled,
    },
    Kind.BRANCH: {
        "under": Operator(gettext_lazy("is or lies below"), values.text, _branch),
        "not_under": _not(gettext_lazy("neither is nor lies below"), "under", values.text),
        "empty": _is_null,
        "filled": _filled,
    },
    Kind.MANY: {
        "has": Operator(gettext_lazy("include"), values.text, _lookup("")),
        "has_any": Operator(gettext_lazy("include one of"), values.texts, _lookup("__in")),
        "has_none": _not(gettext_lazy("include none of"), "has_any", values.texts),
        "empty": _is_null,
        "filled": _filled,
    },
    Kind.ANSWER: {
        "eq": Operator(_is, values.answer, test=_same_answer),
        "ne": _not(_is_not, "eq", values.answer),
        "contains": Operator(gettext_lazy("contains"), values.text, test=_answer_contains),
        "matches": Operator(
            gettext_lazy("matches the pattern"), checked_pattern,
            test=lambda seen, value: any(found_in(one, value) for one in _each(seen)),
        ),
        **{name: Operator(label, values.number, test=_compared(how)) for name, (label, _lookup_, how) in _MORE.items()},
        "empty": Operator(gettext_lazy("is empty"), values.nothing, test=_no_answer),
        "filled": _filled,
    },
    Kind.CHANGE: {
        "changed": Operator(gettext_lazy("changed"), values.nothing, test=lambda seen, value: seen is not None),
        "from_to": Operator(gettext_lazy("changed:"), values.from_and_to, test=_as_asked),
    },
    Kind.COUNT: {
        "gte": Operator(gettext_lazy("are at least"), values.count_in_days, test=_count(int.__ge__)),
        "lte": Operator(gettext_lazy("are at most"), values.count_in_days, test=_count(int.__le__)),
        "eq": Operator(gettext_lazy("are exactly"), values.count_in_days, test=_count(int.__eq__)),
    },
}  # fmt: skip


def operator_for(field: Field, name: str) -> Operator:
    """The operator, or an error that lists what this kind of field offers."""
    offered = OPERATORS[field.kind]
    if name not in offered:
        raise InvalidConfiguration(
            _("“%(field)s” cannot be compared by “%(op)s”; it offers: %(offered)s.")
            % {"field": field.label, "op": name, "offered": ", ".join(offered)}
        )
    return offered[name]
