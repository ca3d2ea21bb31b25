"""How large a table file may be, so that no upload can exhaust memory, disk or time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.tabular.errors import LimitExceeded

_SENTENCES: Mapping[str, object] = {
    "file_bytes": gettext_lazy(
        "The file has %(value)s bytes; at most %(allowed)s are taken. Split it into smaller files."
    ),
    "rows": gettext_lazy(
        "The file has more than %(allowed)s rows. Split it into smaller files and load one after the other."
    ),
    "columns": gettext_lazy(
        "The file has a value in column %(value)s; at most %(allowed)s columns are taken. "
        "Remove the columns that are not needed."
    ),
    "cell_characters": gettext_lazy(
        "A cell has %(value)s characters or more; at most %(allowed)s are taken. "
        "Shorten the text, or close the quotation mark that was left open."
    ),
    "row_characters": gettext_lazy(
        "A row has %(value)s characters or more; at most %(allowed)s are taken. "
        "Shorten its texts, or close the quotation mark that was left open."
    ),
    "expanded_bytes": gettext_lazy(
        "The workbook unpacks to %(value)s bytes; at most %(allowed)s are taken. Save it as CSV or split it."
    ),
    "expansion_ratio": gettext_lazy(
        "The workbook unpacks to %(value)s times its size; at most %(allowed)s times is taken. "
        "Copy the cells that matter into a new workbook, or save it as CSV."
    ),
    "archive_entries": gettext_lazy(
        "The workbook has %(value)s parts or more; at most %(allowed)s are taken. "
        "Copy the cells that matter into a new workbook, or save it as CSV."
    ),
    "shared_strings": gettext_lazy(
        "The workbook has more than %(allowed)s different texts. Save it as CSV or split it."
    ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a reader takes; the defaults suit one upload by a person.

    Memory does not grow with ``file_bytes`` or ``rows``: they bound time and disk. ``row_characters``
    bounds it.

    >>> Limits(rows=5_000)
    """

    file_bytes: int = 50 * 1024 * 1024
    rows: int = 1_000_000
    columns: int = 200
    cell_characters: int = 100_000
    row_characters: int = 2_000_000
    expanded_bytes: int = 2 * 1024**3
    expansion_ratio: int = 200
    archive_entries: int = 2_000
    shared_strings: int = 5_000_000

    def __post_init__(self) -> None:
        """Refuse a limit that would refuse everything."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                message = f"Limits.{field.name} must be at least 1."
                raise ValueError(message)

    def require(self, limit: str, value: int, *, where: str = "") -> None:
        """Raise :class:`LimitExceeded` if ``value`` is above the limit of that name."""
        if value > getattr(self, limit):
            raise self.exceeded(limit, value, where=where)

    def exceeded(self, limit: str, value: int, *, where: str = "") -> LimitExceeded:
        """The error that names the limit, the value found and the mend."""
        allowed: int = getattr(self, limit)
        sentence = str(_SENTENCES[limit]) % {"value": f"{value:,}", "allowed": f"{allowed:,}"}
        message = _("%(where)s%(sentence)s (limit: %(limit)s)") % {
            "where": f"{where}: " if where else "",
            "sentence": sentence,
            "limit": limit,
        }
        return LimitExceeded(message, limit=limit, value=value, allowed=allowed)
