"""Fields of the forms that write mail: addresses, files, and how a letter ends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from case_management.domain.mail_addresses import is_address, split_addresses
from case_management.domain.mail_text import one_line
from case_management.models import Attachment
from case_management.ui.forms.writing_desk import WritingDesk


class AddressesField(forms.CharField):
    """One or more e-mail addresses, between commas or semicolons."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> Any:
        """The bare addresses, each once."""
        return tuple(split_addresses(super().to_python(value) or ""))

    def validate(self, value: Any) -> None:
        """Each of them is one."""
        super().validate(value)
        for address in value:
            if not is_address(address):
                raise ValidationError(_("“%s” is not an e-mail address.") % one_line(address, 100))

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a list."""


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Uploads; the form keeps them before anything else is checked, so that none has to be chosen twice."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"multiple": True}), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """They lie beside the case already."""
        return ()


class KeptField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Files that the person uploaded for this case and has not sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Attachment.objects.none(), widget=forms.CheckboxSelectMultiple, required=False, **kwargs)

    def offer(self, desk: WritingDesk, pairs: list[tuple[int, str]]) -> None:
        """Show ``pairs``; what is sent is looked up among the person's own."""
        self.queryset = desk.unsent()
        self.choices = pairs
