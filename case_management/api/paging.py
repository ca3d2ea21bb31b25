"""Pages of cases by key, newest first: the thousandth page costs what the first does, and nothing is shown twice."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

_LONGEST_KEY = 18


class CasePages(CursorPagination):
    """Follow ``next`` until it is null."""

    ordering = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    invalid_cursor_message = _("This cursor is not one that the API gave out. Start again without it.")  # type: ignore[assignment]

    def decode_cursor(self, request: Any) -> Any:
        """The place in the list; NotFound for a cursor that somebody made up."""
        cursor = super().decode_cursor(request)
        position = str(cursor.position) if cursor and cursor.position is not None else "0"
        if not (position.isdecimal() and position.isascii() and len(position) <= _LONGEST_KEY):
            raise NotFound(self.invalid_cursor_message)
        return cursor
