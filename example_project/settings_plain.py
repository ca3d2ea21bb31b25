"""The example site without Wagtail: a plain Django site whose only door is /django-admin/."""

from example_project.settings_base import *  # noqa: F403
from example_project.settings_base import CASE_MANAGEMENT_APPS, DJANGO_APPS

INSTALLED_APPS = ["case_management.ui.django_admin", *CASE_MANAGEMENT_APPS, *DJANGO_APPS]
ROOT_URLCONF = "example_project.urls_plain"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
