"""App configuration of the Django admin door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DjangoAdminDoorConfig(AppConfig):
    """List ``case_management.ui.django_admin`` in INSTALLED_APPS to open this door."""

    name = "case_management.ui.django_admin"
    label = "case_management_admin"
    verbose_name = _("Case management in the Django admin")
