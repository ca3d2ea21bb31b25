"""Addresses of the pages for wide changes."""

from __future__ import annotations

from case_management.ui.bulk.changes import ChangePage, ChangesPage, ReceiptFilePage
from case_management.ui.bulk.start import BulkPage
from case_management.ui.shell import Page

#: Address, page, name.
BULK_ROUTES: list[tuple[str, type[Page], str]] = [
    ("changes/", ChangesPage, "changes"),
    ("changes/new/", BulkPage, "bulk"),
    ("changes/<int:pk>/", ChangePage, "change"),
    ("changes/<int:pk>/receipt/", ReceiptFilePage, "change_receipt"),
]
