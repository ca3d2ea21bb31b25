"""The set-up screens in the Wagtail admin."""

from __future__ import annotations

from typing import Any


def setup_viewsets() -> list[Any]:
    """View sets of the set-up screens, in the order of the menu."""
    return []
