"""Where cases belong: units in a hierarchy, and teams across it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from case_management.models.taxonomy import Named


class UnitQuerySet(MP_NodeQuerySet):
    """Units by branch."""

    def active(self) -> UnitQuerySet:
        """Units that may receive cases today."""
        return self.filter(is_active=True)

    def branch(self, unit: Unit) -> UnitQuerySet:
        """The unit and everything below it."""
        return self.filter(path__startswith=unit.path)


class UnitManager(MP_NodeManager.from_queryset(UnitQuerySet)):  # type: ignore[misc]
    """Hands out the queryset above; treebeard's own manager insists on its plain one."""

    def get_queryset(self) -> UnitQuerySet:
        """In the order of the tree."""
        return UnitQuerySet(self.model, using=self._db).order_by("path")


class Unit(MP_Node):
    """A location, region, brand or department; the tree is the organisation's own."""

    number = models.CharField(_("number"), max_length=40, unique=True, help_text=_("The unit's own number or code."))
    name = models.CharField(_("name"), max_length=160)
    timezone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text=_("IANA name, e.g. Europe/Berlin.")
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))
    sender_name = models.CharField(
        _("sender's name"),
        max_length=120,
        blank=True,
        help_text=_("In letters to customers. Empty: as the unit above."),
    )
    sender_address = models.EmailField(
        _("sender's address"), blank=True, help_text=_("Letters to customers come from it. Empty: as the unit above.")
    )

    node_order_by = ["name", "number"]
    objects: Any = UnitManager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return f"{self.number} {self.name}" if self.number.lower() != self.name.lower() else self.name

    def indented(self) -> str:
        """Number and name with the depth, for choice lists."""
        return "– " * (self.depth - 1) + str(self)


class Team(Named):
    """People who work a queue together, wherever they sit."""

    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), blank=True, related_name="case_teams"
    )

    class Meta(Named.Meta):
        verbose_name = _("team")
        verbose_name_plural = _("teams")
