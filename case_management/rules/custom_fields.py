"""Fields that are looked up when a rule is read: custom ones, answers to surveys, and those of a case's responses.

``custom.<key>`` on cases, ``answer.<question>`` and ``visit.<fact>`` on interactions, and on cases
``response.<field of interactions>``, which asks whether the case has a response for which it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import CustomField, Interaction
from case_management.models.custom_field import FieldKind
from case_management.models.rule import Occasion
from case_management.registry import Registry
from case_management.rules.fields import Field, Kind, Related, case_fields, interaction_fields

PREFIX, ANSWER, VISIT, RESPONSE = "custom.", "answer.", "visit.", "response."
_COLUMNS = {ANSWER: "answers", VISIT: "visit"}
_RESPONSES = Related(Interaction.objects.all, "case_id", none_is_empty=False)
_KINDS = {
    FieldKind.TEXT: Kind.TEXT,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.DATE: Kind.DAY,
    FieldKind.CHOICE: Kind.CHOICE,
    FieldKind.CHOICES: Kind.MANY,
    FieldKind.YES_NO: Kind.YES_NO,
    FieldKind.USER: Kind.CHOICE,
}


class Askable(Registry[Field]):
    """The registered fields, and by their prefixes those that are looked up."""

    def __init__(self, registered: Registry[Field]) -> None:
        super().__init__(registered.what)
        self._items = registered._items

    def named(self, prefix: str, name: str) -> Field | None:
        """The field ``prefix`` + ``name``, where there is one."""
        if prefix not in _COLUMNS or not name.strip() or len(name) > 200:
            return None
        return Field(name, "", Kind.ANSWER, personal=True, read=partial(_answers, _COLUMNS[prefix], name))

    def get(self, key: str) -> Field:
        """The field, or an error that lists what there is."""
        prefix, dot, name = key.partition(".")
        found = self.named(prefix + dot, name) if dot and key not in self._items else None
        return found or super().get(key)

    def __contains__(self, key: object) -> bool:
        prefix, dot, name = str(key).partition(".")
        return key in self._items or (bool(dot) and self.named(prefix + dot, name) is not None)


class OnCases(Askable):
    """What rules on cases may ask; the custom fields are read by one query, at the first name that asks for one."""

    @cached_property
    def custom(self) -> dict[str, Field]:
        """Name → field, also those that are switched off: a rule that names one goes on to work."""
        return {
            f"{PREFIX}{one.key}": Field(one.name, "", _KINDS[FieldKind(one.kind)], one.is_free_text, one)
            for one in CustomField.objects.all()
        }

    @cached_property
    def of_responses(self) -> Askable:
        """What may be asked of a response."""
        return Askable(interaction_fields)

    def named(self, prefix: str, name: str) -> Field | None:
        """Custom fields, and what hangs on a response itself."""
        if prefix == PREFIX:
            return self.custom.get(PREFIX + name)
        if prefix != RESPONSE or name not in self.of_responses:
            return None
        inner = self.of_responses.get(name)
        if inner.related is not None or inner.kind is Kind.COUNT:
            return None
        return replace(inner, label=_("a response's %s") % inner.label, related=_RESPONSES)

    def get(self, key: str) -> Field:
        """The field, or an error that lists what there is of its sort."""
        if key.startswith(PREFIX) and key not in self.custom:
            known = ", ".join(sorted(self.custom)) or "–"
            message = _("There is no custom field “%(key)s”. Known: %(known)s.")
            raise InvalidConfiguration(message % {"key": key[:80], "known": known})
        return super().get(key)

    def __iter__(self) -> Iterator[str]:
        yield from self._items
        yield from self.custom
        yield from (f"{RESPONSE}{name}" for name in self.of_responses if self.named(RESPONSE, name))


def _answers(column: str, name: str, about: Any) -> Mapping[int, Any]:
    """Id → what was answered. Read here and not in the database, where a question such as “1” is a place in a list."""
    rows = about.subjects.order_by().values_list("pk", column)
    return {pk: held.get(name) for pk, held in rows if isinstance(held, dict)}


def fields_of(occasion: str) -> Registry[Field]:
    """The fields that a rule on this occasion may ask about."""
    return Askable(interaction_fields) if occasion == Occasion.INTERACTION_RECEIVED else OnCases(case_fields)


def require_offered(field: Field, value: object) -> None:
    """Raise InvalidConfiguration for a custom field that is switched off, or an option that it does not have."""
    custom = field.custom
    if custom is None:
        return
    if not custom.is_active:
        raise InvalidConfiguration(_("The custom field “%s” is switched off; switch it on or ask another.") % custom)
    options = [key for key, _label in custom.option_pairs]
    asked = value if isinstance(value, list) else [value]
    unknown = [str(each) for each in asked if options and each is not None and each not in options]
    if unknown:
        message = _("“%(field)s” has no option %(unknown)s; it has: %(known)s.")
        found = {"field": custom, "unknown": ", ".join(unknown), "known": ", ".join(options)}
        raise InvalidConfiguration(message % found)
