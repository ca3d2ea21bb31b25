"""What stands about cases on the index pages of a Django admin site."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone

from case_management.ui.home import RIGHT, my_cases, standing
from case_management.ui.reader import Reader
from case_management.ui.shell import SECTIONS, URL_NAMESPACE, Shell

register = template.Library()


class _IndexShell(Shell):
    """Links from an index page, which is not one of ours, into the pages of the same site."""

    @property
    def namespace(self) -> str:
        return f"{getattr(self.request, 'current_app', None) or 'admin'}:{URL_NAMESPACE}"


@register.simple_tag(takes_context=True)
def case_home(context: dict[str, Any]) -> str:
    """``{% case_home %}``: the reader's cases, the figures and links; nothing for those who may not see cases."""
    request = context.get("request")
    if request is None or not request.user.has_perm(RIGHT):
        return ""
    user, shell, now = request.user, _IndexShell(request), timezone.now()
    with timezone.override(shell.time_zone()):
        return render_to_string(
            "case_management/home/django_block.html",
            {
                "shell": shell,
                "figures": standing(user, now),
                "lines": my_cases(user, now),
                "pins": Reader.of(user).pins,
                "sections": [section for section in SECTIONS if user.has_perm(section.permission)],
            },
        )
