"""Set a custom field of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.exceptions import ValueUnknown
from case_management.models import CustomField
from case_management.models.custom_field import FieldKind
from case_management.models.custom_values import checked, read
from case_management.operations import set_custom_fields_of
from case_management.rules.actions.base import Action, Firing, actions

PREFIX = "custom."
_TYPED = (FieldKind.NUMBER, FieldKind.YES_NO, FieldKind.CHOICES)


class CustomFieldSelect(forms.Select):
    """The custom fields that there are now."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """Read when it is shown."""
        rows = CustomField.objects.active().values_list("key", "name")
        self.choices = [("", "---------"), *((f"{PREFIX}{key}", label) for key, label in rows)]
        return super().optgroups(name, value, attrs)


class CustomFieldField(forms.CharField):
    """An active custom field, named as in conditions: ``custom.<key>``."""

    def clean(self, value: Any) -> Any:
        """The field."""
        name = super().clean(value)
        found = CustomField.objects.active().filter(key=name.removeprefix(PREFIX)).first()
        if found is None or not name.startswith(PREFIX):
            known = ", ".join(f"{PREFIX}{key}" for key in CustomField.objects.active().values_list("key", flat=True))
            message = _("There is no active custom field “%(name)s”. Known: %(known)s.")
            raise forms.ValidationError(message % {"name": name[:80], "known": known or "–"})
        return found


class AnyField(forms.Field):
    """A value of JSON as it is."""

    def clean(self, value: Any) -> Any:
        """The value; :class:`Parameters` checks it against its field."""
        return value


@actions.registered("set_field")
class SetField(Action):
    """One value for all; a case that cannot have it, or has it already, is left alone and the trace says why."""

    label = gettext_lazy("Set a custom field")

    class Parameters(forms.Form):
        """``field``: ``custom.<key>``; ``value``: as the field holds it, a user by user name, null takes it away."""

        field = CustomFieldField(label=gettext_lazy("Custom field"), widget=CustomFieldSelect)
        value = AnyField(required=False, label=gettext_lazy("Value"))

        def clean(self) -> dict[str, Any]:
            """The value has to be of the field's kind."""
            cleaned = super().clean() or {}
            if custom := cleaned.get("field"):
                cleaned["value"] = self._checked(custom, cleaned.get("value"))
            return cleaned

        def stored(self) -> dict[str, Any]:
            """What a rule keeps of what was typed: the field by its key, users by their names."""
            custom, value = self.cleaned_data["field"], self.cleaned_data["value"]
            typed = self.data.get(self.add_prefix("value"))
            return {"field": f"{PREFIX}{custom.key}", "value": typed if custom.kind == FieldKind.USER else value}

        def _checked(self, custom: CustomField, value: Any) -> Any:
            people: tuple[int, ...] = ()
            if custom.kind == FieldKind.USER and value is not None:
                users, name = get_user_model()._default_manager, get_user_model().USERNAME_FIELD
                people = tuple(users.filter(is_active=True, **{name: str(value)}).values_list("pk", flat=True))
                value = people[0] if people else str(value)
            try:
                # A form sends digits and options as text.
                if isinstance(value, str) and custom.kind in _TYPED and self.prefix:
                    return read(custom, value, int)
                return checked(custom, value, people)
            except ValueUnknown as error:
                self.add_error("value", error.message)
                return None

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Set it on all in one batch."""
        custom, value = parameters["field"], parameters["value"]
        concerned = [firing for firing in firings if firing.case]
        outcome = set_custom_fields_of(
            [firing.case.pk for firing in concerned if firing.case], {custom.key: value}, by=by
        )
        refused = {refusal.case_id: refusal.error for refusal in outcome.refused}
        for firing in concerned:
            error = refused.get(firing.case.pk) if firing.case else None
            why = {"refused": str(error)} if error else {}
            firing.note({"action": "set_field", "field": f"{PREFIX}{custom.key}", "changed": error is None, **why})
