"""One custom field and its value for all chosen cases, asked in two steps: which field, then what."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import CaseManagementError
from case_management.models import CustomField
from case_management.models.custom_values import checked
from case_management.ui.bulk.base_form import BulkForm
from case_management.ui.forms.custom import field_for, name_of, values_of


class FieldForm(BulkForm):
    """``asked`` says for which field the value was asked; another choice of the field asks anew."""

    field = forms.ChoiceField(label=gettext_lazy("Custom field"))
    asked = forms.CharField(required=False, widget=forms.HiddenInput)
    settled: CustomField | None = None

    def __init__(self, data: Any = None, *, user: Any, cases: Any) -> None:
        self.chosen = data.get("field", "") if data is not None else ""
        is_new = bool(self.chosen) and data.get("asked") != self.chosen
        super().__init__(None if is_new else data, user=user, cases=cases)
        if is_new:
            self.initial = {"field": self.chosen, "asked": self.chosen}

    @property
    def is_complete(self) -> bool:
        """The field is chosen."""
        return self.settled is not None

    def arrange(self) -> None:
        """Offer the active fields, and the control of the one that is chosen."""
        active = self.desk.custom.active
        choices = [("", _("Choose …")), *((each.key, each.name) for each in active)]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]
        if not active:
            self.fields["field"].help_text = _("No custom field is defined yet.")
        self.settled = next((each for each in active if each.key == self.chosen), None)
        if self.settled is None:
            return
        self.fields[name_of(self.settled)] = field_for(self.settled, self.desk)
        self.fields["clear"] = forms.BooleanField(
            label=_("Take the value away instead"), required=False, widget=forms.CheckboxInput
        )

    def clean(self) -> dict[str, Any]:
        """A value, or the wish to have none; never an empty field by oversight."""
        if self.errors or self.settled is None:
            return self.cleaned_data
        value, clear = self._value(), self.cleaned_data["clear"]
        if (value is None) != clear:
            known = name_of(self.settled)
            self.add_error(known, _("Give a value, or tick that it is to be taken away; not both."))
            return self.cleaned_data
        try:
            checked(self.settled, value, {pk for pk, _name in self.desk.staff} if self.settled.kind == "user" else ())
        except CaseManagementError as error:
            raise ValidationError({name_of(self.settled): error.message}) from error
        return self.cleaned_data

    def _value(self) -> Any:
        assert self.settled is not None  # noqa: S101 - asked only where there is one
        value = values_of(self.cleaned_data, [name_of(self.settled)])[self.settled.key]
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        return value.isoformat() if hasattr(value, "isoformat") else value

    def arguments(self) -> dict[str, Any]:
        """The field's key and the value as JSON, None to take it away."""
        assert self.settled is not None  # noqa: S101 - the form is valid
        return {"key": self.settled.key, "value": self._value()}
