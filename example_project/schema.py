"""What the OpenAPI description of the example site covers."""

from __future__ import annotations

from typing import Any


def only_the_api(endpoints: list[tuple[Any, ...]], **_: Any) -> list[tuple[Any, ...]]:
    """Leave out Wagtail's internal API, which its admin keeps for itself under /admin/api/."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/")]
