"""Who may see a case: the question of :func:`may`, asked for everybody at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q

from case_management.access.rights import holders_for
from case_management.models import Case, Membership, Team


def viewers_of(case: Case) -> Any:
    """Active users who may see ``case``, as a queryset; agrees with ``may(user, "view_case", case)``."""
    anywhere = Membership.objects.filter(
        user=OuterRef("pk"),
        role__permissions__codename="view_case",
        role__permissions__content_type__app_label="case_management",
    )
    own = Q(pk=case.assignee_id)
    if case.team_id is not None:
        own |= Q(Exists(Team.members.through.objects.filter(team_id=case.team_id, user_id=OuterRef("pk"))))
    here = Q(pk__in=holders_for(case, "view_case").values("pk"))
    return get_user_model()._default_manager.filter(
        here | (own & Exists(anywhere)) | Q(is_superuser=True), is_active=True
    )
