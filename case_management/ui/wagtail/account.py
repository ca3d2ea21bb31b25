"""Preferences on Wagtail's account page, in a tab of their own; time zone and language stay Wagtail's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.account import BaseSettingsPanel, SettingsTab

from case_management.models import Preferences
from case_management.ui.home import RIGHT
from case_management.ui.preferences.forms import KeyboardForm, MailForm, PaceForm, PartForm, SignatureForm, ZoneForm
from case_management.ui.wagtail.pages import WagtailShell

_TAB = SettingsTab("cases", _("Cases"), order=300)


class _PreferencesPanel(BaseSettingsPanel):
    """A part of the preferences, shown to those who may see cases."""

    tab = _TAB
    form_class: type[PartForm]

    def is_active(self) -> bool:
        """Whether the reader has to do with cases."""
        return bool(self.user.has_perm(RIGHT))

    def get_form(self) -> PartForm:
        """The form over the reader's own row."""
        sent = self.request.POST if self.request.method == "POST" else None
        return self.form_class(sent, instance=Preferences.of(self.user), prefix=self.name)


class MailPanel(_PreferencesPanel):
    """What is mailed."""

    name, title, order, form_class = "case_mail", _("E-mail about cases"), 100, MailForm


class SignaturePanel(_PreferencesPanel):
    """How letters end."""

    name, title, order, form_class = "case_signature", _("Signature"), 200, SignatureForm


class KeyboardPanel(_PreferencesPanel):
    """Keys on our pages."""

    name, title, order, form_class = "case_keyboard", _("Keyboard"), 300, KeyboardForm


class ZonePanel(_PreferencesPanel):
    """The time zone of our pages, where Wagtail is told to offer none."""

    name, title, order, form_class = "case_zone", _("Time zone of case pages"), 400, ZoneForm

    def is_active(self) -> bool:
        """Only where Wagtail does not ask for it."""
        return super().is_active() and not WagtailShell(self.request).keeps_time_zones


class PacePanel(_PreferencesPanel):
    """What comes after a case that was resolved."""

    name, title, order, form_class = "case_pace", _("After resolving a case"), 350, PaceForm


PANELS: tuple[type[_PreferencesPanel], ...] = (MailPanel, SignaturePanel, KeyboardPanel, PacePanel, ZonePanel)
