"""Saved views: lists of cases under a name, one's own and those of one's teams, in the reader's own order of pins."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, FilteredRelation, Max, Q
from django.db.models.functions import Coalesce

from case_management.models import SavedView, Team, ViewChoice


def views_for(user: Any) -> Any:
    """The views that ``user`` made, and those shared with the user's teams; knows their teams, and what is pinned."""
    teams = Team.objects.filter(members=user).order_by().values("pk")
    pinned, default = F("cm_choice__is_pinned"), F("cm_choice__is_default")
    return (
        SavedView.objects.filter(Q(owner=user) | Q(team__in=teams))
        .annotate(cm_choice=FilteredRelation("choices", condition=Q(choices__user=user)))
        .annotate(
            is_pinned=Coalesce(pinned, False, output_field=BooleanField()),
            is_default=Coalesce(default, False, output_field=BooleanField()),
            team_name=F("team__name"),
        )
    )


def view_query(view: SavedView) -> str:
    """The parameters of the list that ``view`` names."""
    return f"{view.query}&view={view.pk}" if view.query else f"view={view.pk}"


def choose(user: Any, view: SavedView, **choice: bool) -> None:
    """Pin, unpin, or make the default (there is but one)."""
    if choice.get("is_default"):
        ViewChoice.objects.filter(user=user, is_default=True).exclude(view=view).update(is_default=False)
    ViewChoice.objects.update_or_create(user=user, view=view, defaults=choice)


def last_position(user: Any) -> int:
    """The position after all of the user's own views."""
    last: int | None = SavedView.objects.filter(owner=user).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def move(view: SavedView, step: int) -> None:
    """Change places with the neighbour that is ``step`` away among the owner's views."""
    own = list(SavedView.objects.filter(owner=view.owner_id).order_by("position", "name"))
    at = own.index(view)
    to = min(max(at + step, 0), len(own) - 1)
    own.insert(to, own.pop(at))
    for position, each in enumerate(own):
        each.position = position
    SavedView.objects.bulk_update(own, ["position"])
