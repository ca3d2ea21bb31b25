"""What Wagtail calls: registration only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from wagtail import hooks

from case_management.ui.wagtail.pages import CasesGroup


@hooks.register("register_admin_viewset")  # type: ignore[untyped-decorator]
def register_cases() -> CasesGroup:
    """The “Cases” menu with all its pages."""
    return CasesGroup()


@hooks.register("register_permissions")  # type: ignore[untyped-decorator]
def register_rights() -> Any:
    """Rights that Wagtail's group editor may grant."""
    return Permission.objects.filter(
        content_type__app_label="case_management", content_type__model__in=("case", "alert")
    )
