"""Moments as the pages show them: short where the date is near, exact for whoever asks."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """``{% moment entry.at %}``: today only the time, this year no year; the whole on hover and for machines."""
    local, now = timezone.localtime(at), timezone.localtime()
    whole = formats.date_format(local, "DATETIME_FORMAT")
    time = formats.time_format(local, "TIME_FORMAT")
    shown = whole
    if local.date() == now.date():
        shown = time
    elif local.year == now.year:
        day = formats.date_format(local, "MONTH_DAY_FORMAT")
        shown = _("%(day)s, %(time)s") % {"day": day, "time": time}
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), whole, shown)
