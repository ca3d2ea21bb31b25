"""Template tags of the pages for wide changes."""

from __future__ import annotations

from typing import Any

from django import template

from case_management.bulk.actions import Action, offered_to

register = template.Library()


@register.simple_tag(takes_context=True)
def bulk_offers(context: dict[str, Any]) -> list[Action]:
    """``{% bulk_offers as offers %}``: what the reader may do to many cases at once."""
    return offered_to(context["request"].user)
