"""Stands at an address whose page is still being built."""

from case_management.ui.shell import Page


class PendingPage(Page):
    """An empty page in its frame."""

    template_name = "case_management/pending.html"
    page_title = "Case management"
