"""Links between cases: one row for each pair and kind; how far one may be followed is asked at each end."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from case_management.domain.relations import STORED, Relation, link_kinds
from case_management.models.case import Case


class CaseLink(models.Model):
    """``case`` is ``kind`` (duplicate of, child of …) ``other``; the direction of “related” means nothing."""

    kind = models.CharField(_("kind"), max_length=20, choices=link_kinds)
    case = models.ForeignKey(Case, models.CASCADE, related_name="links", verbose_name=_("case"))
    other = models.ForeignKey(Case, models.CASCADE, related_name="links_to_it", verbose_name=_("other case"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("link between cases")
        verbose_name_plural = _("links between cases")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(case=F("other")), name="cm_link_not_to_itself"),
            models.CheckConstraint(condition=Q(kind__in=[str(kind) for kind in STORED]), name="cm_link_kind"),
            models.UniqueConstraint("kind", Least("case", "other"), Greatest("case", "other"), name="cm_link_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(kind=Relation.CHILD_OF.value), name="cm_link_one_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"


class CaseWatcher(models.Model):
    """Somebody who wants to hear what happens to a case; no right comes with it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="watchers", verbose_name=_("case"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="watched_cases", verbose_name=_("user")
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("watcher")
        verbose_name_plural = _("watchers")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="cm_watcher_once")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.user_id}"
