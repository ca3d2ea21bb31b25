"""What a person fills in to get a table out or to bring one in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.exceptions import CaseManagementError
from case_management.models import ExportJob, ImportBatch
from case_management.resources.catalogue import offered_to
from case_management.resources.export_jobs import MOST_QUERY, start_export
from case_management.resources.import_batches import start_import
from case_management.resources.mapping import Mapping, load_mapping, parse_mapping, shipped_mappings
from case_management.tabular import FORMATS

MOST_MAPPING_BYTES = 100_000


class ExportForm(forms.Form):
    """What, which rows, which format."""

    resource = forms.ChoiceField(label=_("What"))
    query = forms.CharField(
        label=_("Only these cases"),
        required=False,
        max_length=MOST_QUERY,
        help_text=_(
            "As in the address of the list, for example status=open&overdue=yes. Empty: every case you may export."
        ),
    )
    format = forms.ChoiceField(label=_("Format"), choices=[(known.key, known.label) for known in FORMATS.values()])

    def __init__(self, data: Any = None, *, user: Any, initial: Any = None) -> None:
        super().__init__(data, auto_id="cm-export-%s", label_suffix="", initial=initial)
        self.user = user
        self.fields["resource"].choices = offered_to(user)  # type: ignore[attr-defined]

    def perform(self) -> ExportJob | None:
        """Ask for the export; None leaves the reasons in ``errors``."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        try:
            query = chosen["query"].strip().lstrip("?")
            return start_export(self.user, key=chosen["resource"], format=chosen["format"], query=query)
        except CaseManagementError as error:
            names = [name for name in error.details.get("fields", ()) if name in self.fields]
            self.add_error(names[0] if names else None, error.message)
            return None


class UploadForm(forms.Form):
    """A file, and how its columns are to be read."""

    file = forms.FileField(label=_("File"), help_text=_("CSV, XLSX, JSON or JSON Lines, 50 MB at most."))
    mapping = forms.ChoiceField(label=_("Columns"), required=False)
    own_mapping = forms.FileField(
        label=_("A mapping of your own"),
        required=False,
        help_text=_(
            "A TOML file that says which of its columns is which of ours. It takes the place of the choice above."
        ),
    )
    all_or_nothing = forms.BooleanField(
        label=_("All or nothing"),
        required=False,
        help_text=_("One refused row refuses the whole file. Otherwise refused rows are left out and listed."),
    )

    def __init__(self, data: Any = None, files: Any = None, *, user: Any) -> None:
        super().__init__(data, files, auto_id="cm-import-%s", label_suffix="")
        self.user = user
        shipped = list(shipped_mappings().items())
        self.fields["mapping"].choices = [("", _("Named as in an export")), *shipped]  # type: ignore[attr-defined]

    def clean_own_mapping(self) -> Mapping | None:
        """The mapping in the file, if there is one."""
        upload = self.cleaned_data["own_mapping"]
        if not upload:
            return None
        try:
            return parse_mapping(upload.read(MOST_MAPPING_BYTES).decode())
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The mapping is no text in UTF-8; save it as a TOML file.")) from None
        except CaseManagementError as error:
            raise forms.ValidationError(error.message) from error

    def perform(self) -> ImportBatch | None:
        """Keep the file and have it checked; None leaves the reasons in ``errors``."""
        if not self.is_valid():
            return None
        mapping = self.cleaned_data["own_mapping"] or load_mapping(self.cleaned_data["mapping"])
        if self.cleaned_data["all_or_nothing"]:
            mapping = Mapping.of({**mapping.as_written, "all_or_nothing": True})
        try:
            return start_import(self.user, self.cleaned_data["file"], mapping=mapping)
        except CaseManagementError as error:
            self.add_error("file", error.message)
            return None
