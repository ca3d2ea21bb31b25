"""The operators per kind of field: each checks the value a rule gives and compiles to a ``Q``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import DecimalField, Q, Value
from django.utils.functional import Promise
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.models import Topic, Unit
from case_management.rules.fields import Field, Kind


@dataclass(frozen=True)
class Operator:
    """How one comparison reads, checks its value and asks the database; leaves are true or false, never unknown."""

    label: Promise | str
    check: Callable[[Any], Any]
    compile: Callable[[str, Any], Q]


#: Digits after the point that a number in a rule may have.
DECIMALS = 6


def _number(value: Any) -> Decimal:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(str(value))
    except InvalidOperation:
        raise InvalidConfiguration(_("“%s” is not a number.") % value) from None
    if not number.is_finite() or abs(number) >= Decimal("1e12") or number != round(number, DECIMALS):
        raise InvalidConfiguration(_("“%s” is not a number that can be compared.") % value)
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise InvalidConfiguration(_("Give a text to compare with, not “%s”.") % value)
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise InvalidConfiguration(_("Give a list of at least one value, not “%s”.") % value)
    return [_text(item) for item in value]


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidConfiguration(_("Give true or false, not “%s”.") % value)
    return value


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise InvalidConfiguration(
            _("“%s” is not a time in ISO 8601, such as 2026-03-01T09:00+00:00.") % value
        ) from None
    if is_naive(moment):
        raise InvalidConfiguration(_("“%s” needs an offset from UTC, such as +00:00.") % value)
    return moment


def _nothing(value: Any) -> None:
    if value is not None:
        raise InvalidConfiguration(_("This comparison takes no value, but got “%s”.") % value)


def _lookup(name: str) -> Callable[[str, Any], Q]:
    return lambda path, value: Q(**{f"{path}{name}": value})


def _amount(name: str) -> Callable[[str, Decimal], Q]:
    """As a number of its own: prepared by the column it would be cut to what the column can hold, 1.5 to 1."""
    whole = DecimalField(max_digits=12 + DECIMALS, decimal_places=DECIMALS)
    return lambda path, value: Q(**{f"{path}{name}": Value(value, whole)})


def _other_amount(path: str, value: Decimal) -> Q:
    return ~_amount("")(path, value)


def _unlike(path: str, value: Any) -> Q:
    return ~Q(**{path: value})


def _branch(path: str, key: str) -> Q:
    """The node named by its key or number, and everything below; a node that is gone matches nothing."""
    if path.endswith("topic"):
        top = Topic.objects.filter(key=key).values_list("path", flat=True).first()
    else:
        top = Unit.objects.filter(number=key).values_list("path", flat=True).first()
    return Q(**{f"{path}__path__startswith": top}) if top else Q(pk__in=[])


_is_null = Operator(gettext_lazy("is empty"), _nothing, lambda path, value: Q(**{f"{path}__isnull": True}))
_no_text = Operator(
    gettext_lazy("is empty"), _nothing, lambda path, value: Q(**{path: ""}) | Q(**{f"{path}__isnull": True})
)

OPERATORS: Mapping[Kind, Mapping[str, Operator]] = {
    Kind.NUMBER: {
        "eq": Operator(gettext_lazy("is"), _number, _amount("")),
        "ne": Operator(gettext_lazy("is not"), _number, _other_amount),
        "lt": Operator(gettext_lazy("is less than"), _number, _amount("__lt")),
        "lte": Operator(gettext_lazy("is at most"), _number, _amount("__lte")),
        "gt": Operator(gettext_lazy("is more than"), _number, _amount("__gt")),
        "gte": Operator(gettext_lazy("is at least"), _number, _amount("__gte")),
        "empty": _is_null,
    },
    Kind.TEXT: {
        "contains": Operator(gettext_lazy("contains"), _text, _lookup("__icontains")),
        "starts_with": Operator(gettext_lazy("starts with"), _text, _lookup("__istartswith")),
        "empty": _no_text,
    },
    Kind.CHOICE: {
        "eq": Operator(gettext_lazy("is"), _text, _lookup("")),
        "ne": Operator(gettext_lazy("is not"), _text, _unlike),
        "in": Operator(gettext_lazy("is one of"), _texts, _lookup("__in")),
        "empty": _no_text,
    },
    Kind.YES_NO: {
        "is": Operator(gettext_lazy("is"), _truth, _lookup("")),
        "empty": _is_null,
    },
    Kind.MOMENT: {
        "before": Operator(gettext_lazy("is before"), _moment, _lookup("__lt")),
        "after": Operator(gettext_lazy("is after"), _moment, _lookup("__gt")),
        "empty": _is_null,
    },
    Kind.BRANCH: {
        "under": Operator(gettext_lazy("is or lies below"), _text, _branch),
        "empty": _is_null,
    },
    Kind.MANY: {
        "has": Operator(gettext_lazy("include"), _text, _lookup("")),
        "has_any": Operator(gettext_lazy("include one of"), _texts, _lookup("__in")),
        "empty": _is_null,
    },
}


def operator_for(field: Field, name: str) -> Operator:
    """The operator, or an error that lists what this kind of field offers."""
    offered = OPERATORS[field.kind]
    if name not in offered:
        raise InvalidConfiguration(
            _("“%(field)s” cannot be compared by “%(op)s”; it offers: %(offered)s.")
            % {"field": field.label, "op": name, "offered": ", ".join(offered)}
        )
    return offered[name]
