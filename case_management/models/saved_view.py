"""A list of cases that somebody wants to see again: the address's query, with a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.unit import Team


class SavedView(models.Model):
    """Filters and order of the case list, owned by one person and shared with a team if wished."""

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_views", verbose_name=_("owner")
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="views", verbose_name=_("shared with")
    )
    query = models.CharField(_("query string"), max_length=1000, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="cm_view_name_once")]

    def __str__(self) -> str:
        return self.name


class ViewChoice(models.Model):
    """What one person does with a view: pins it to the menu, opens the list with it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_view_choices", verbose_name=_("user")
    )
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="choices", verbose_name=_("view"))
    is_pinned = models.BooleanField(_("pinned to the menu"), default=False)
    is_default = models.BooleanField(_("opens with the list"), default=False)

    class Meta:
        verbose_name = _("choice of a view")
        verbose_name_plural = _("choices of views")
        constraints = [
            models.UniqueConstraint(fields=["user", "view"], name="cm_view_choice_once"),
            models.UniqueConstraint(fields=["user"], condition=models.Q(is_default=True), name="cm_view_one_default"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.view_id}"
