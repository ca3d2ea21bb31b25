"""Conditions on custom fields: how the database is asked; an answer is true or false, also where there is no value."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform

from case_management.models import Case, CustomField
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import AnyChoice, CustomValue

#: What each operator asks of the value.
_LOOKUPS = {
    "eq": "", "is": "", "in": "__in", "lt": "__lt", "lte": "__lte", "gt": "__gt", "gte": "__gte",
    "before": "__lt", "after": "__gt", "contains": "__icontains", "starts_with": "__istartswith",
    "ends_with": "__iendswith", "empty": "__isnull",
}  # fmt: skip


def expression_of(custom: CustomField) -> Any:
    """The value as a column of a query over cases; people by their user names."""
    if custom.kind == FieldKind.TEXT:
        return KeyTextTransform(custom.key, "custom_texts")
    if custom.kind == FieldKind.CHOICES:
        return KeyTextTransform(custom.key, "custom")
    if custom.kind != FieldKind.USER:
        return CustomValue(custom.key, custom.kind)
    user = get_user_model()
    named = user._default_manager.filter(pk=CustomValue(custom.key, custom.kind, OuterRef("custom")))
    return Subquery(named.values(user.USERNAME_FIELD)[:1])


def compile_custom(custom: CustomField, op: str, value: Any) -> Q:
    """The comparison as a condition on cases."""
    this = Case.objects.filter(pk=OuterRef("pk")).order_by()
    if custom.kind == FieldKind.CHOICES and op != "empty":
        wanted = value if isinstance(value, list) else [value]
        return Q(Exists(this.filter(AnyChoice(custom.key, wanted))))
    lookup = "__iexact" if op == "eq" and custom.kind == FieldKind.TEXT else _LOOKUPS[op]
    asked = {f"cm_value{lookup}": op == "empty" or _stored(custom, value)}
    return Q(Exists(this.alias(cm_value=expression_of(custom)).filter(**asked)))


def _stored(custom: CustomField, value: Any) -> Any:
    if custom.kind == FieldKind.NUMBER:
        return float(value)
    return int(value) if custom.kind == FieldKind.YES_NO else value
