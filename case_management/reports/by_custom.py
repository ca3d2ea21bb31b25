"""The same figures by what one custom field holds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from case_management.models import CustomField
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import CustomValue
from case_management.reports.breakdown import Line
from case_management.reports.facts import UNRESOLVED, measures, opened, resolved
from case_management.reports.period import Period
from case_management.timeline.names import person

#: Kinds of which there are few enough values for a table.
GROUPABLE = (FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.USER)
MOST_LINES = 50


def groupable() -> list[CustomField]:
    """Fields that figures can be broken down by."""
    return list(CustomField.objects.active().filter(kind__in=GROUPABLE))


def by_custom(cases: Any, period: Period, field: CustomField) -> list[Line]:
    """Every value with something open, or opened or resolved in the period; two queries where it names people.

    The key of a line is what the list is filtered by, empty for cases without a value and fields without a filter.
    """
    looked_at = cases.filter(UNRESOLVED | opened(period) | resolved(period)).order_by()
    valued = looked_at.annotate(cm_value=CustomValue(field.key, field.kind)).values_list("cm_value")
    rows = list(valued.annotate(**measures(period)).order_by("-unresolved", "-opened", "cm_value")[:MOST_LINES])
    words = _words(field, {row[0] for row in rows} - {None})
    return [_line(field, value, words, figures) for value, *figures in rows]


def _line(field: CustomField, value: Any, words: dict[Any, tuple[str, str]], figures: list[Any]) -> Line:
    key, label = words.get(value, ("", "" if value is None else str(value)))
    return Line(key if field.is_filterable else "", label, *figures)


def _words(field: CustomField, values: set[Any]) -> dict[Any, tuple[str, str]]:
    """Value → what the filter calls it, and its label."""
    if field.kind == FieldKind.YES_NO:
        return {1: ("yes", _("Yes")), 0: ("no", _("No"))}
    if field.kind == FieldKind.CHOICE:
        return {key: (key, label) for key, label in field.option_pairs}
    found = get_user_model()._default_manager.in_bulk(values) if values else {}
    return {pk: (str(user.get_username()), person(user)) for pk, user in found.items()}
