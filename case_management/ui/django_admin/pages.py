"""Mounts the shared pages in a Django admin site, at ``case_management/case/``."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, URLResolver, include, path, reverse

from case_management.ui.reader import Reader
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

    def entry_url(self, list_name: str, pk: Any) -> str:
        """The change form of the site."""
        return reverse(f"{self.admin_site.name}:case_management_{list_name}_change", args=[pk])

    def entries_url(self, list_name: str) -> str:
        """The change list of the site."""
        return reverse(f"{self.admin_site.name}:case_management_{list_name}_changelist")

    def context(self, page: Page) -> dict[str, Any]:
        """Branding and sidebar of the site; the reader's pinned views stand beside the sections."""
        user = self.request.user
        return {
            **self.admin_site.each_context(self.request),
            "title": page.get_page_title(),
            "cm_pins": Reader.of(user).pins if user.has_perm("case_management.view_case") else [],
        }


def shell_for(site: AdminSite) -> type[DjangoAdminShell]:
    """The shell of ``site``."""
    return type("DjangoAdminShell", (DjangoAdminShell,), {"admin_site": site})


def site_urls(site: AdminSite) -> list[URLPattern | URLResolver]:
    """All shared pages behind the log-in of ``site``."""
    pages = page_urls(shell_for(site), site.admin_view)
    return [path("", include((pages, URL_NAMESPACE), namespace=URL_NAMESPACE))]


def put_on_index(site: AdminSite) -> None:
    """Show the reader's cases above the index of ``site``, unless the host gave the site an index of its own.

    The template extends ``admin/index.html``, so a host's version of that one keeps its place.
    """
    if site.index_template is None:
        site.index_template = "case_management/home/django_index.html"
