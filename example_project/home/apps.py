"""App configuration of the home page."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The one page type of the example site."""

    name = "example_project.home"
    label = "home"
