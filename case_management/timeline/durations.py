"""Lengths of time in words: hours up to two days, days beyond, as people who work cases speak of them."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: Up to here hours say more than days: promises are made in hours.
_HOURS_UP_TO = 48 * _HOUR


def in_words(length: timedelta) -> str:
    """The length, rounded down to one unit: "40 minutes", "18 hours", "5 days"; its sign does not count."""
    seconds = int(abs(length.total_seconds()))
    if seconds < _MINUTE:
        return _("less than a minute")
    if seconds < _HOUR:
        return ngettext("%d minute", "%d minutes", seconds // _MINUTE) % (seconds // _MINUTE)
    if seconds < _HOURS_UP_TO:
        return ngettext("%d hour", "%d hours", seconds // _HOUR) % (seconds // _HOUR)
    return ngettext("%d day", "%d days", seconds // _DAY) % (seconds // _DAY)
