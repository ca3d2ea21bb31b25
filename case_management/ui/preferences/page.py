"""The page on which a member of staff sets preferences, in either admin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.models import Preferences
from case_management.ui.preferences.forms import KeyboardForm, MailForm, PaceForm, PartForm, SignatureForm, ZoneForm
from case_management.ui.shell import Page


class PreferencesPage(Page):
    """All parts on one page, saved together."""

    template_name = "case_management/preferences.html"
    page_title = gettext_lazy("Preferences")
    section = "preferences"
    icon = "user"

    def parts(self) -> list[PartForm]:
        """The parts; an admin with a time zone per person keeps its own."""
        mine = Preferences.of(self.request.user)
        kinds: list[type[PartForm]] = [MailForm, SignatureForm, ZoneForm, PaceForm, KeyboardForm]
        if self.shell.keeps_time_zones:
            kinds.remove(ZoneForm)
        sent = self.request.POST if self.request.method == "POST" else None
        return [kind(sent, instance=mine) for kind in kinds]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The forms, as sent or as kept."""
        return super().get_context_data(**{"parts": self.parts(), **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save all parts, or none."""
        parts = self.parts()
        if not all([part.is_valid() for part in parts]):  # noqa: C419 - each part shall say what is wrong with it
            return self.render_to_response(self.get_context_data(parts=parts), status=422)
        for part in parts:
            part.save()
        messages.success(request, _("Your preferences are saved."))
        return redirect(self.shell.reverse("preferences"))
