"""The plain example site under test: no Wagtail in INSTALLED_APPS."""

from example_project.settings_plain import *  # noqa: F403
from example_project.settings_plain import DATABASES
from tests.database import settings_for_tests

globals().update(settings_for_tests(DATABASES))
