"""Addresses of the pages for bulk data; without the optional library they stay, and say what to install."""

from __future__ import annotations

from importlib.util import find_spec

from django.utils.translation import gettext_lazy as _

from case_management.ui.shell import Page

#: Address → (class, name); the classes are in the modules beside this one.
ADDRESSES = {
    "exports/": ("ExportsPage", "exports"),
    "exports/<int:pk>/download/": ("ExportDownloadPage", "export_download"),
    "imports/": ("ImportsPage", "imports"),
    "imports/<int:pk>/": ("ImportPage", "import"),
    "imports/<int:pk>/refused/": ("RefusedRowsPage", "import_refused"),
}


class MissingLibraryPage(Page):
    """Stands in for the pages of bulk data where django-import-export is not installed."""

    template_name = "case_management/transfers/refused.html"
    page_title = _("Exports and imports are not installed")
    extra_context = {"problem": _("Install the extra: pip install django-case-management[import-export]")}


def transfer_routes() -> list[tuple[str, type[Page], str]]:
    """Address, page, name."""
    if find_spec("import_export") is None:
        return [(address, MissingLibraryPage, name) for address, (_page, name) in ADDRESSES.items()]
    from case_management.ui.transfers import exports, imports  # noqa: PLC0415 - an optional extra

    pages = {**vars(exports), **vars(imports)}
    return [(address, pages[page], name) for address, (page, name) in ADDRESSES.items()]
