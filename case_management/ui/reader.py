"""What every page must know of its reader beforehand: preferences, saved views, reach, and the custom fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from case_management.access import Reach
from case_management.models import Preferences, SavedView
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.together import together
from case_management.ui.saved_views import view_query, views_for

#: Where a request's user keeps it, so that list, menu and sections read it once.
_KEPT = "_case_management_reader"


@dataclass(frozen=True)
class Reader:
    """Somebody who reads pages; ``views`` are their own first, ``reach`` is that of the right to see cases."""

    preferences: Preferences
    views: list[SavedView]
    reach: Reach
    custom: CustomCatalogue

    @classmethod
    def of(cls, user: Any) -> Reader:
        """The reader that the request's user is; one query per request."""
        kept: Reader | None = getattr(user, _KEPT, None)
        if kept is None:
            kept = cls._read(user)
            setattr(user, _KEPT, kept)
        return kept

    @classmethod
    def _read(cls, user: Any) -> Reader:
        found = together(
            preferences=Preferences.objects.filter(user=user),
            views=views_for(user),
            **Reach.lists(user, "view_case"),
            **CustomCatalogue.lists(),
        )
        return cls(
            next(iter(found["preferences"]), Preferences(user=user)),
            sorted(found["views"], key=lambda view: view.owner_id != user.pk),
            Reach.read(user, found),
            CustomCatalogue.read(found),
        )

    @property
    def pins(self) -> list[tuple[Any, str]]:
        """The views that the reader pinned to the menu, in order, with the parameters of their lists."""
        return [(view, view_query(view)) for view in self.views if view.is_pinned]  # type: ignore[attr-defined]

    @property
    def default_view(self) -> SavedView | None:
        """The view that the list opens with."""
        return next((view for view in self.views if view.is_default), None)  # type: ignore[attr-defined]
