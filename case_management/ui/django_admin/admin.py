"""What Django's admin reads: cases open the shared pages, the set-up screens are model admins."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, URLResolver, path

from case_management.access import visible_to
from case_management.models import Case
from case_management.ui.django_admin import setup  # noqa: F401 - registers the set-up screens
from case_management.ui.django_admin.pages import put_on_index, shell_for, site_urls


@admin.register(Case)
class CaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The entry in the sidebar; its pages are the shared ones: a case changes only by an operation."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Forms of the admin never change a case."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History is kept."""
        return False

    def get_urls(self) -> list[URLPattern | URLResolver]:  # type: ignore[override]
        """The shared pages, and the names that the admin itself makes links with."""
        wrap = self.admin_site.admin_view
        return [
            path("add/", wrap(self._to_new), name="case_management_case_add"),
            path("<int:pk>/change/", wrap(self._to_case), name="case_management_case_change"),
            *site_urls(self.admin_site),
            # Only ever reversed: the address is the list's, which stands before it.
            path("", wrap(self._to_list), name="case_management_case_changelist"),
        ]

    def _to_list(self, request: HttpRequest) -> HttpResponse:
        return redirect(shell_for(self.admin_site)(request).reverse("list"))

    def _to_new(self, request: HttpRequest) -> HttpResponse:
        return redirect(shell_for(self.admin_site)(request).reverse("new"))

    def _to_case(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = get_object_or_404(visible_to(request.user), pk=pk)
        return redirect(shell_for(self.admin_site)(request).reverse("case", case.reference))


put_on_index(admin.site)
