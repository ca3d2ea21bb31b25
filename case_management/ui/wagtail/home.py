"""Cases on Wagtail's own pages: the panel and the figures on its home page, and an area of its search."""

from __future__ import annotations

from typing import Any

from django.forms import Media
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.search import SearchArea
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component

from case_management.ui.home import RIGHT, my_cases, standing
from case_management.ui.shell import URL_NAMESPACE
from case_management.ui.wagtail.pages import WagtailShell

_STYLES = Media(css={"all": [f"case_management/css/{name}.css" for name in ("tokens_wagtail", "base", "home")]})


class MyCasesPanel(Component):
    """The reader's most urgent cases, before Wagtail's own panels."""

    name = "case_management_mine"
    template_name = "case_management/home/wagtail_mine.html"
    order = 90
    media = _STYLES

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The cases, and how links are made."""
        return {"shell": WagtailShell(self.request), "lines": my_cases(self.request.user, timezone.now())}


class StandingItem(SummaryItem):
    """How many cases are open, past due and escalated, each a link to them."""

    order = 150
    template_name = "case_management/home/wagtail_standing.html"

    def is_shown(self) -> bool:
        """To those who may see cases."""
        return bool(self.request.user.has_perm(RIGHT))

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """The figures, and how links are made."""
        figures = standing(self.request.user, timezone.now())
        return {"shell": WagtailShell(self.request), "figures": figures}


class CasesSearchArea(SearchArea):
    """“Cases” beside pages, images and documents in Wagtail's search."""

    def __init__(self) -> None:
        address = reverse(f"{URL_NAMESPACE}:list")
        super().__init__(_("Cases"), address, name="cases", icon_name="cm-cases", order=110)

    def is_shown(self, request: HttpRequest, current: str | None = None) -> bool:
        """To those who may see cases."""
        return bool(request.user.has_perm(RIGHT))
