"""App configuration of the Wagtail door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailDoorConfig(AppConfig):
    """List ``case_management.ui.wagtail`` in INSTALLED_APPS to open this door."""

    name = "case_management.ui.wagtail"
    label = "case_management_wagtail"
    verbose_name = _("Case management in Wagtail")
