"""A field for another case, by its reference or from suggestions; nobody finds what they may not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from case_management.domain.reference import tidy_reference
from case_management.models import Case

#: So many cases suggest themselves.
MOST = 10


class CasePicker(forms.TextInput):
    """A line of text with suggestions that the browser shows by itself; with the script it looks cases up by words."""

    template_name = "case_management/forms/case_picker.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", **(attrs or {})})
        self.suggested: Sequence[Case] = ()
        #: Whether only open cases are looked up.
        self.is_open = False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The suggestions hang on the field's own id."""
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}-list"
        if self.suggested:
            context["widget"]["attrs"]["list"] = list_id
        look = f"others/?open={'1' if self.is_open else ''}"
        context["widget"]["attrs"] |= {"data-cm-cases": look, "data-cm-cases-label": _("Cases found")}
        return context | {"suggested": self.suggested, "list_id": list_id}


class CaseField(forms.CharField):
    """Cleans to the case, among those that the user may see; say which in the form's ``arrange``."""

    widget = CasePicker

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)
        self.visible: Any = None

    def offer(self, visible: Any, suggested: Sequence[Case], *, is_open: bool = False) -> None:
        """Which cases may be found, as a queryset, and which of them suggest themselves; ``is_open``: others do not."""
        self.visible = visible
        picker: Any = self.widget
        picker.suggested, picker.is_open = suggested, is_open

    def clean(self, value: Any) -> Any:
        """The case with this reference. Whoever may not see it is told the same as where there is none."""
        text = super().clean(value)
        if not text:
            return None
        case = self.visible.filter(reference=tidy_reference(text)).first()
        if case is None:
            raise ValidationError(_("There is no such case, or you may not see it."), code="unknown")
        return case


def suggested_beside(case: Case, visible: Any) -> list[Case]:
    """Other cases of the same customer among the ``visible`` ones: the open ones first, then the latest."""
    if case.contact_id is None:
        return []
    others = visible.filter(contact=case.contact_id).exclude(pk=case.pk).only("reference", "title", "status")
    found = list(others.order_by("-opened_at", "-pk")[:MOST])
    return sorted(found, key=lambda other: not other.is_open)
