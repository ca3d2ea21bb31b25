"""Every address of the shared pages, once for both admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from case_management.ui.alerts import AlertsPage
from case_management.ui.case.new import NewCasePage
from case_management.ui.case.page import CasePage
from case_management.ui.dashboard import DashboardPage
from case_management.ui.lists.saved_views import DeleteViewPage, SaveViewPage
from case_management.ui.lists.view import CaseListPage
from case_management.ui.shell import Page, Shell
from case_management.ui.transfers.routes import transfer_routes

#: Address, page, name. Fixed words come before the reference of a case.
ROUTES: list[tuple[str, type[Page], str]] = [
    ("", CaseListPage, "list"),
    ("views/", SaveViewPage, "views"),
    ("views/<int:pk>/delete/", DeleteViewPage, "view_delete"),
    ("new/", NewCasePage, "new"),
    ("dashboard/", DashboardPage, "dashboard"),
    ("alerts/", AlertsPage, "alerts"),
    *transfer_routes(),
    ("<slug:reference>/", CasePage, "case"),
    ("<slug:reference>/<slug:verb>/", CasePage, "case_act"),
]


def page_urls(shell_class: type[Shell], wrap: Callable[[Any], Any] = lambda view: view) -> list[URLPattern]:
    """The pages in ``shell_class``; ``wrap`` adds what the admin asks of each of its views."""
    return [path(route, wrap(page.as_view(shell_class=shell_class)), name=name) for route, page, name in ROUTES]
