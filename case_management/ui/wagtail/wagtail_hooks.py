"""What Wagtail calls: registration only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

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
