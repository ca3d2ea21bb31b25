"""Steps that one key carries out on a case, kept as data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.taxonomy import Named
from case_management.models.unit import Team, Unit


class Macro(Named):
    """A named sequence of steps: one person's own, a team's, a unit's with those below, or everybody's."""

    name = models.CharField(_("name"), max_length=120)
    steps = models.JSONField(_("steps"), default=list, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="case_macros",
        verbose_name=_("owner"), help_text=_("Only this person sees it. Empty: it is shared."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="macros", verbose_name=_("team"),
        help_text=_("Only members of the team see it."),
    )  # fmt: skip
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, blank=True, related_name="macros", verbose_name=_("unit"),
        help_text=_("Offered on cases of this unit and of those below."),
    )  # fmt: skip

    class Meta(Named.Meta):
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        permissions = [("share_macro", "Can share macros with a team, a unit or everybody")]
        constraints = [
            models.CheckConstraint(condition=Q(owner=None) | Q(team=None, unit=None), name="cm_macro_own_or_shared")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        """Whether others see it."""
        return self.owner_id is None


def macros_for(user: Any) -> Any:
    """Macros that ``user`` may run somewhere: their own, those of their teams, of units, and everybody's."""
    teams = Team.members.through.objects.filter(user=user).values("team")
    rows: Any = Macro.objects.select_related("team", "unit", "owner")
    return rows.filter(Q(owner=user) | Q(owner=None, team=None) | Q(owner=None, team__in=teams))
