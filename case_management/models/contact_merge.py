"""A merge of two contacts, which keeps what moved so that just that can be given back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.contact import Contact


class ContactMerge(models.Model):
    """``merged`` gave way to ``survivor``.

    ``moved`` holds ids by kind (``cases``, ``interactions``, ``points``, ``signposts``: contacts that had been merged
    into this one before) and, as ``filled``, the names of the survivor's blank facts that were filled in. No value of
    a person's stands in it.
    """

    survivor = models.ForeignKey(Contact, models.PROTECT, related_name="merges", verbose_name=_("survivor"))
    merged = models.ForeignKey(Contact, models.PROTECT, related_name="given_way", verbose_name=_("merged"))
    moved = models.JSONField(_("moved"), default=dict)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("merged by")
    )
    merged_at = models.DateTimeField(_("merged at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("taken back by")
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("merge of contacts")
        verbose_name_plural = _("merges of contacts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="cm_contact_merged_once")
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.survivor_id}"
