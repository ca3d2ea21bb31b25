"""The example site under test."""

from example_project.settings import *  # noqa: F403
from example_project.settings import DATABASES
from tests.database import settings_for_tests

globals().update(settings_for_tests(DATABASES))
