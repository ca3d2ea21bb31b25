"""Who may do what where: a user, a role (a Django group) and a branch of the unit tree."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.unit import Unit


class Membership(models.Model):
    """A role in a subtree of units; without a unit it spans the whole organisation.

    Rows' rights come from memberships alone. The role's group is joined too, so that the host's admin opens its menus.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="case_memberships"
    )
    role = models.ForeignKey(Group, models.CASCADE, verbose_name=_("role"), related_name="case_memberships")
    unit = models.ForeignKey(
        Unit, models.CASCADE, verbose_name=_("unit"), related_name="memberships", null=True, blank=True,
        help_text=_("The role holds here and in every unit below. Empty: everywhere."),
    )  # fmt: skip
    is_available = models.BooleanField(
        _("available"), default=True, help_text=_("Cases are assigned by rules only to people who are available.")
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "unit"], name="cm_membership_once"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(unit=None), name="cm_membership_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.role} – {self.unit or _('everywhere')}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Join the role's group."""
        super().save(*args, **kwargs)
        self.user.groups.add(self.role)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Leave the role's group with the last membership of that role."""
        others = Membership.objects.filter(Q(user=self.user, role=self.role) & ~Q(pk=self.pk))
        if not others.exists():
            self.user.groups.remove(self.role)
        return super().delete(*args, **kwargs)
