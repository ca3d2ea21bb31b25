"""Mounts the shared pages in the Wagtail admin, at ``/admin/cases/``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup

from case_management.ui.shell import SECTIONS, URL_NAMESPACE, Page, Section, Shell
from case_management.ui.urls import page_urls

ICONS = {
    "list": "list-ul",
    "dashboard": "desktop",
    "alerts": "info-circle",
    "exports": "download",
    "imports": "upload",
}


class WagtailShell(Shell):
    """The Wagtail admin around a page."""

    base_template = "case_management/shells/wagtail.html"

    def context(self, page: Page) -> dict[str, Any]:
        """Header and breadcrumbs as Wagtail's own pages have them."""
        crumbs = [{"url": crumb.url, "label": crumb.label} for crumb in page.get_crumbs()]
        return {
            "page_title": page.get_page_title(),
            "header_title": page.get_page_title(),
            "header_icon": page.icon,
            "header_buttons": [],
            "breadcrumbs_items": [{"url": reverse("wagtailadmin_home"), "label": _("Home")}, *crumbs],
        }


class SectionMenuItem(MenuItem):
    """An entry of the menu that is shown to those who may open its page."""

    def __init__(self, section: Section, order: int) -> None:
        super().__init__(
            section.label,
            reverse(f"{URL_NAMESPACE}:{section.name}"),
            name=f"cases-{section.name}",
            icon_name=ICONS[section.name],
            order=order,
        )
        self.permission = section.permission

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the reader may open the page."""
        return request.user.has_perm(self.permission)


class PagesViewSet(ViewSet):
    """The shared pages' addresses; Wagtail adds its log-in, language and time zone."""

    name = URL_NAMESPACE
    url_prefix = "cases"

    def get_urlpatterns(self) -> list[URLPattern]:
        """One list for both admins."""
        return page_urls(WagtailShell)


class CasesGroup(ViewSetGroup):
    """“Cases” in the sidebar, with one entry per section."""

    menu_label = _("Cases")
    menu_name = "case-management"
    menu_icon = "folder-open-inverse"
    menu_order = 150
    items = (PagesViewSet,)

    def get_submenu_items(self) -> list[MenuItem]:
        """The sections; the pages' own view set only carries addresses."""
        return [SectionMenuItem(section, order) for order, section in enumerate(SECTIONS, start=1)]
