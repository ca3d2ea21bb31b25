"""A field for a date and a time in the reader's own time zone, with the browser's own picker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

FORMAT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """Minutes are enough for a deadline; what was not touched compares equal to what was shown."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORMAT)
        super().__init__(widget=widget, input_formats=[FORMAT, "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Aware moments as local minutes, in the one form that browsers take."""
        if isinstance(value, datetime):
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            return local.strftime(FORMAT)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what was shown with what was sent."""
        return (self.prepare_value(initial) or "") != (data or "")[: len("2000-01-01T00:00")]
