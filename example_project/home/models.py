"""The one page type of the example site."""

from typing import ClassVar

from wagtail.models import Page


class HomePage(Page):
    """A welcome page that leads to the doors; it has no content of its own to edit."""

    template = "home/home_page.html"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
