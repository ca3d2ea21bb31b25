"""Template tags of the shared pages."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def cm_url(context: dict[str, Any], name: str, *args: Any) -> str:
    """The address of a shared page in the reader's own admin: ``{% cm_url 'case' case.reference %}``."""
    address: str = context["shell"].reverse(name, *args)
    return address
