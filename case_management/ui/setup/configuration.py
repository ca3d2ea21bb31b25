"""The page on which the configuration is written to a file, and a file is compared and applied."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.configuration import (
    ConfigurationRefused,
    Report,
    apply_configuration,
    as_text,
    export_configuration,
    kinds,
    read_configuration,
)
from case_management.configuration.reading import MOST_BYTES, Problem
from case_management.exceptions import InvalidConfiguration
from case_management.ui.shell import Crumb, Page

RIGHT = "case_management.change_settings"
#: A value longer than this is shown by its beginning.
_SHOWN = 400


class FileForm(forms.Form):
    """A file, or the text of one that was looked at before."""

    file = forms.FileField(
        label=gettext_lazy("File"), required=False,
        help_text=gettext_lazy("A configuration that was exported here or on another site. First it is only compared."),
    )  # fmt: skip
    text = forms.CharField(required=False, widget=forms.HiddenInput, max_length=MOST_BYTES, strip=False)

    def clean(self) -> dict[str, Any]:
        """The words of the file."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        cleaned["words"] = file.read() if file is not None else cleaned.get("text", "")
        if not cleaned["words"]:
            self.add_error("file", _("Choose a file."))
        return cleaned


class ConfigurationPage(Page):
    """A POST compares; with ``apply`` it makes the lists say what the file says, all of it or nothing."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]  # type: ignore[misc]
    template_name = "case_management/setup/configuration.html"
    permission_required = RIGHT
    page_title = gettext_lazy("Configuration as a file")
    section = ""
    icon = "cog"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The ways out and in."""
        return self.render_to_response(self.get_context_data(form=FileForm()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the file would change, or its change."""
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        words, applies = form.cleaned_data["words"], "apply" in request.POST
        try:
            report = apply_configuration(read_configuration(words), by=request.user, dry_run=not applies)
        except ConfigurationRefused as error:
            return self._show(form, Report(problems=error.problems), "", status=422)
        except InvalidConfiguration as error:
            return self._show(form, Report(problems=[Problem("", "", "", error.message)]), "", status=422)
        if applies:
            messages.success(request, _("The configuration is applied: %d entries changed.") % len(report.changes))
            return redirect(self.shell.reverse("configuration", kwargs["pk"]))
        text = words.decode("utf-8-sig") if isinstance(words, bytes) else words
        return self._show(form, report, text, status=422 if report.problems else 200)

    def _show(self, form: FileForm, report: Report, text: str, *, status: int) -> HttpResponse:
        context = {
            "form": FileForm(),
            "report": report,
            "changes": [
                (kind_label(change.kind), change, [(part, _shown(a), _shown(b)) for part, a, b in change.fields])
                for change in report.changes
            ],
            "only_here": [(kind_label(kind), called) for kind, called in report.only_here],
            "text": text,
        }
        return self.render_to_response(self.get_context_data(**context), status=status)

    def get_crumbs(self) -> list[Crumb]:
        """Below the settings."""
        return [Crumb(_("Settings"), self.shell.entries_url("settings")), Crumb(self.get_page_title())]


class ConfigurationFile(Page):
    """The file to keep; of what the reader may see for all units."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]  # type: ignore[misc]
    permission_required = RIGHT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A download."""
        text = as_text(export_configuration(request.user))
        name = f"case_management_{timezone.localdate().isoformat()}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(text, content_type="application/json", headers=headers)


def kind_label(name: str) -> str:
    """What people call the kind."""
    return str(kinds.get(name).model._meta.verbose_name_plural) if name in kinds else name


def _shown(value: Any) -> str:
    """A value as the file has it; None where there is none."""
    if value is None or value in ("", []):
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
