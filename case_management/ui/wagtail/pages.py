"""Mounts the shared pages in the Wagtail admin, at ``/admin/cases/``."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.localization import get_available_admin_time_zones
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup

from case_management.ui.home import RIGHT
from case_management.ui.reader import Reader
from case_management.ui.shell import SECTIONS, URL_NAMESPACE, Page, Section, Shell
from case_management.ui.urls import page_urls

ICONS = {
    "list": "list-ul",
    "contacts": "group",
    "dashboard": "desktop",
    "alerts": "info-circle",
    "changes": "tasks",
    "exports": "download",
    "imports": "upload",
}
#: Pinned views follow the sections.
_AFTER_SECTIONS = 100


class WagtailShell(Shell):
    """The Wagtail admin around a page."""

    base_template = "case_management/shells/wagtail.html"

    @property
    def keeps_time_zones(self) -> bool:  # type: ignore[override]
        """Wagtail's account page asks for it, unless the site permits but one."""
        return len(get_available_admin_time_zones()) > 1

    @property
    def uses_shortcuts(self) -> bool:
        """Not where the reader switched Wagtail's own off either."""
        profile = getattr(self.request.user, "wagtail_userprofile", None)
        return getattr(profile, "keyboard_shortcuts", True) and super().uses_shortcuts

    def entry_url(self, list_name: str, pk: Any) -> str:
        """The form of the set-up screen."""
        return reverse(f"case_setup_{list_name}:edit", args=[pk])

    def entries_url(self, list_name: str) -> str:
        """The list of the set-up screen."""
        return reverse(f"case_setup_{list_name}:index")

    def time_zone(self) -> tzinfo:
        """Wagtail's, which is active already, where the reader chose one there."""
        profile = getattr(self.request.user, "wagtail_userprofile", None)
        return timezone.get_current_timezone() if profile and profile.current_time_zone else super().time_zone()

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
            icon_name=ICONS.get(section.name, "list-ul"),
            order=order,
        )
        self.permission = section.permission

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the reader may open the page."""
        return request.user.has_perm(self.permission)


class CasesMenu(Menu):
    """The sections, then the views that the reader pinned."""

    def menu_items_for_request(self, request: HttpRequest) -> list[MenuItem]:
        """One query per request, for those who may see cases."""
        items: list[MenuItem] = super().menu_items_for_request(request)
        if not request.user.has_perm(RIGHT):
            return items
        kept: Any = request
        if not hasattr(kept, "case_management_pinned"):
            kept.case_management_pinned = _pinned(request.user)
        return [*items, *kept.case_management_pinned]


def _pinned(user: Any) -> list[MenuItem]:
    address = reverse(f"{URL_NAMESPACE}:list")
    return [
        MenuItem(
            view.name,
            f"{address}?{query}",
            name=f"case-view-{view.pk}",
            icon_name="cm-view",
            order=_AFTER_SECTIONS + position,
        )
        for position, (view, query) in enumerate(Reader.of(user).pins)
    ]


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
    menu_icon = "cm-cases"
    menu_order = 150
    items = (PagesViewSet,)

    def get_submenu_items(self) -> list[MenuItem]:
        """The sections; the pages' own view set only carries addresses."""
        return [SectionMenuItem(section, order) for order, section in enumerate(SECTIONS, start=1)]

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        """The submenu, which differs from reader to reader."""
        return SubmenuMenuItem(
            self.menu_label,
            CasesMenu(items=self.get_submenu_items()),
            name=self.menu_name,
            icon_name=self.menu_icon,
            order=self.menu_order,
        )
