"""Patterns that administrators write run on RE2, whose time grows with the text and with nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration

try:
    import re2
except ImportError:  # the optional library: rules without patterns work without it
    re2 = None

#: Longer patterns nobody can read; longer texts are looked at up to here.
MOST_PATTERN, MOST_TEXT = 500, 200_000
#: What a compiled pattern may take, in bytes.
_MEMORY = 4 << 20


def checked_pattern(value: Any) -> str:
    """The pattern. Raises InvalidConfiguration that says what RE2 does not like about it."""
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise InvalidConfiguration(_("Give a pattern to look for, not “%s”.") % value)
    if len(value) > MOST_PATTERN:
        raise InvalidConfiguration(_("A pattern has at most %d characters.") % MOST_PATTERN)
    compiled(value)
    return value


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """Ready to search with. Raises InvalidConfiguration."""
    if re2 is None:
        raise InvalidConfiguration(
            _("Patterns need the library google-re2; install django-case-management[patterns], or use “contains”.")
        )
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_nl = _MEMORY, False, False
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise InvalidConfiguration(
            _("The pattern “%(pattern)s” cannot be used: %(reason)s.") % {"pattern": pattern, "reason": reason}
        ) from None


def found_in(text: Any, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text; nothing is found in no text."""
    return isinstance(text, str) and compiled(pattern).search(text[:MOST_TEXT]) is not None
