"""What Wagtail calls: registration only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

from case_management.ui.home import RIGHT
from case_management.ui.wagtail.account import PANELS
from case_management.ui.wagtail.home import CasesSearchArea, MyCasesPanel, StandingItem
from case_management.ui.wagtail.pages import CasesGroup
from case_management.ui.wagtail.setup import SetupGroup


@hooks.register("register_admin_viewset")
def register_cases() -> list[ViewSetGroup]:
    """“Cases” with all its pages, and “Case set-up” with all its screens."""
    return [CasesGroup(), SetupGroup()]


@hooks.register("register_permissions")
def register_rights() -> Any:
    """Rights that Wagtail's group editor may grant."""
    return Permission.objects.filter(
        content_type__app_label="case_management", content_type__model__in=("case", "alert")
    )


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    """Icons that Wagtail does not have."""
    return [*icons, *(f"case_management/icons/{name}.svg" for name in ("cm-cases", "cm-view"))]


@hooks.register("construct_homepage_panels")
def add_my_cases(request: HttpRequest, panels: list[Any]) -> None:
    """The reader's own cases, for those who may see cases."""
    if request.user.has_perm(RIGHT):
        panels.append(MyCasesPanel(request))


@hooks.register("construct_homepage_summary_items")
def add_standing(request: HttpRequest, items: list[Any]) -> None:
    """The figures; the item itself asks for the right."""
    items.append(StandingItem(request))


@hooks.register("register_admin_search_area")
def register_search() -> CasesSearchArea:
    """Cases beside pages in the search."""
    return CasesSearchArea()


for panel in PANELS:
    hooks.register("register_account_settings_panel", panel)
