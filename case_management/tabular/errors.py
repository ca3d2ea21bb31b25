"""What can be wrong with a table file or with a value that should go into one."""

from __future__ import annotations

from django.utils.translation import gettext as _

from case_management.exceptions import CaseManagementError


class TabularError(CaseManagementError):
    """Base of every error about reading or writing a table file."""

    code = "table_error"

    def default_message(self) -> str:
        """The sentence used when the raiser gives none."""
        return _("The file cannot be used as a table.")


class FormatUnknown(TabularError):
    """The file, or the format asked for, is none that is read or written here."""

    code = "table_format_unknown"


class TableUnreadable(TabularError):
    """The file is damaged, dangerous or not what its format says."""

    code = "table_unreadable"


class HeadersInvalid(TabularError):
    """The header row is missing, has a column without a name or the same name twice."""

    code = "table_headers_invalid"


class LimitExceeded(TabularError):
    """The file is larger than a limit allows; ``details`` holds ``limit``, ``value`` and ``allowed``."""

    code = "table_limit_exceeded"


class ValueUnwritable(TabularError):
    """A value has no lossless form in a table cell; ``details`` holds ``row`` and ``column`` where known."""

    code = "table_value_unwritable"
