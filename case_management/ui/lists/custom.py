"""Custom fields in the list of cases: controls of the panel, what is counted beside them, and cells of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model

from case_management.filters.custom import PREFIX, custom_filters
from case_management.models import Case, CustomField
from case_management.models.custom_catalogue import CustomCatalogue, people_in
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import CustomValue
from case_management.models.custom_values import in_words
from case_management.ui.lists.controls import Control, Option
from case_management.ui.lists.facets import Column, Facets
from case_management.ui.lists.question import Question
from case_management.ui.people import display_name

#: Kinds whose values are few enough to be counted beside the choice.
_COUNTED = (FieldKind.CHOICE, FieldKind.YES_NO)
_INPUTS = {FieldKind.NUMBER: "number", FieldKind.DATE: "date", FieldKind.TEXT: "text"}


def counted_columns(catalogue: CustomCatalogue) -> dict[str, Column]:
    """What the facets count of custom fields."""
    asked = (one for one in catalogue.active if one.is_filterable and one.kind in _COUNTED)
    words = {"1": "yes", "0": "no"}
    return {
        f"custom{one.pk}": Column(
            f"{PREFIX}{one.key}", CustomValue(one.key, one.kind), words if one.kind == FieldKind.YES_NO else None
        )
        for one in asked
    }


def custom_controls(question: Question, people: Sequence[tuple[str, str]], counts: Facets) -> list[Control]:
    """A control per field that is not a range; ``people`` are words or user names with their labels."""
    found = []
    for name, one in custom_filters(question.filters.custom).items():
        kind, chosen = FieldKind(one.shown.kind), question.data.getlist(name)
        if kind in (FieldKind.NUMBER, FieldKind.DATE):
            continue
        options = [
            Option(value, str(label), value in chosen, counts.of(name, value) if kind in _COUNTED else None)
            for value, label in _offered(one, people)
        ]
        shown = "text" if kind == FieldKind.TEXT else "select" if kind == FieldKind.YES_NO else "checks"
        found.append(Control(name, str(one.label), shown, options, next(iter(chosen), "")))
    return found


def custom_ranges(question: Question) -> list[list[Control]]:
    """First and last of every number and date."""
    pairs: dict[int, list[Control]] = {}
    for name, one in custom_filters(question.filters.custom).items():
        if one.shown.kind in (FieldKind.NUMBER, FieldKind.DATE):
            value = next(iter(question.data.getlist(name)), "")
            kind = _INPUTS[FieldKind(one.shown.kind)]
            pairs.setdefault(one.shown.pk, []).append(Control(name, str(one.label), kind, [], value))
    return list(pairs.values())


def _offered(one: Any, people: Sequence[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    if one.shown.kind == FieldKind.USER:
        return people
    return [(key, label) for key, label in one.extra.get("choices", ()) if key]


@dataclass(frozen=True)
class Cells:
    """The fields that lines show, and the names of the people in them."""

    shown: Sequence[CustomField] = ()
    people: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of_people(cls, shown: Sequence[CustomField], people: Iterable[Any]) -> Cells:
        """Cells that know the names of the people who stand in them, see :func:`people_on`."""
        return cls(shown, {int(user.pk): display_name(user) for user in people})

    def of(self, case: Case) -> list[tuple[str, str]]:
        """Label and value of each field that the case has a value of."""
        found = ((one, _value(case, one)) for one in self.shown)
        return [(one.name, in_words(one, value, self.people)) for one, value in found if value is not None]


def shown_on(cases: Sequence[Case], catalogue: Callable[[], CustomCatalogue]) -> list[CustomField]:
    """Fields that stand in the lines; ``catalogue`` is asked only where a case has values of any."""
    has_values = any(case.custom or case.custom_texts for case in cases)
    return [one for one in catalogue().active if one.in_list] if has_values else []


def people_on(cases: Sequence[Case], shown: Sequence[CustomField]) -> Any:
    """The people whom these fields of the cases name, to be read with whatever else the lines need."""
    ids = people_in((one, case.custom.get(one.key)) for case in cases for one in shown)
    return get_user_model()._default_manager.filter(pk__in=ids)


def _value(case: Case, one: CustomField) -> Any:
    return case.custom_texts.get(one.key) if one.is_free_text else case.custom.get(one.key)
