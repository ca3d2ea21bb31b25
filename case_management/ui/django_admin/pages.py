"""Mounts the shared pages in a Django admin site, at ``case_management/case/``."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, URLResolver, include, path

from case_management.ui.shell import URL_NAMESPACE, Page, Shell
from case_management.ui.urls import page_urls


class DjangoAdminShell(Shell):
    """A Django admin site around a page; :func:`shell_for` makes the subclass of one site."""

    base_template = "case_management/shells/django_admin.html"
    admin_site: AdminSite

    @property
    def namespace(self) -> str:
        """Our pages are nested in the site's own namespace."""
        return f"{self.admin_site.name}:{URL_NAMESPACE}"

    def context(self, page: Page) -> dict[str, Any]:
        """Branding and sidebar of the site."""
        return {**self.admin_site.each_context(self.request), "title": page.get_page_title()}


def shell_for(site: AdminSite) -> type[DjangoAdminShell]:
    """The shell of ``site``."""
    return type("DjangoAdminShell", (DjangoAdminShell,), {"admin_site": site})


def site_urls(site: AdminSite) -> list[URLPattern | URLResolver]:
    """All shared pages behind the log-in of ``site``."""
    pages = page_urls(shell_for(site), site.admin_view)
    return [path("", include((pages, URL_NAMESPACE), namespace=URL_NAMESPACE))]
