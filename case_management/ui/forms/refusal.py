"""Turns what an operation refuses into errors of the form that asked for it, at the fields where it can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.exceptions import CaseManagementError, GateNotMet


class EntryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django has none here
    """A choice from a list that the desk has read already; what is sent is looked up in the table."""

    def offer(self, pairs: list[tuple[int, str]], *, current: Any = None) -> None:
        """Show ``pairs``, and ``current`` even where it is no longer offered."""
        offered = list(pairs)
        if current is not None and current.pk not in {pk for pk, _name in offered}:
            offered.append((current.pk, str(current)))
        empty = _("Choose …") if self.required else _("None")
        blank = [] if self.required and current is not None else [("", empty)]
        self.choices = [*blank, *offered]


class RefusableForm(forms.Form):
    """A form whose operation may say no."""

    data: Any
    #: HTTP status of the answer when the form is not carried out.
    http_status = 422

    def gates(self) -> Mapping[str, str]:
        """What the operation calls a field → what we call it, where the two differ."""
        return {}

    def choice(self, name: str) -> EntryField:
        """One of the form's choices from a list."""
        field = self.fields[name]
        assert isinstance(field, EntryField)  # noqa: S101 - tells the type checker
        return field

    def refuse(self, error: CaseManagementError) -> None:
        """Put the reason where it can be mended."""
        self.http_status, known = error.http_status, self.gates()
        names = [known.get(name, name) for name in error.details.get("fields", ())]
        ours = [name for name in names if name in self.fields]
        if len(names) == 1 and ours:
            self.add_error(ours[0], error.message)
            return
        self.add_error(None, error.message)
        if isinstance(error, GateNotMet):
            for name in ours:
                self.add_error(name, _("This is needed."))


def text_area(rows: int = 4) -> forms.Textarea:
    """A text in whatever script the writer uses."""
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})
