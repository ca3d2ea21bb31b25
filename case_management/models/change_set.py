"""One wide change of many cases: what was asked, how far it is, what came of each row; undone as one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.due import DueQuerySet, DueWork, due_index

#: The verb of a set that changes nothing: it keeps the cases that somebody chose for an export.
EXPORT = "export"


class ChangeSet(DueWork):
    """A verb with its arguments over a set of cases, worked off chunk by chunk with progress that survives a crash."""

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    verb = models.CharField(_("what"), max_length=40)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    query = models.CharField(_("query string"), max_length=2000, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("takes back")
    )
    total = models.PositiveIntegerField(_("cases in all"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: Any = DueQuerySet.as_manager()

    class Meta:
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")
        default_permissions = ("view",)
        indexes = [
            due_index("cm_change_set_due"),
            models.Index(fields=["requested_by", "-created_at"], name="cm_change_set_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} #{self.pk}"


class RowState(models.TextChoices):
    """What came of one case of a change set."""

    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class ChangeSetRow(models.Model):
    """One case of a change set; ``first_seq`` to ``last_seq`` are the events that it recorded there."""

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="rows", verbose_name=_("change set"))
    case = models.ForeignKey(Case, models.CASCADE, related_name="change_set_rows", verbose_name=_("case"))
    state = models.CharField(_("state"), max_length=8, choices=RowState.choices, default=RowState.PENDING)
    code = models.CharField(_("code"), max_length=60, blank=True)
    message = models.TextField(_("reason"), blank=True)
    first_seq = models.PositiveIntegerField(_("first event"), null=True, blank=True)
    last_seq = models.PositiveIntegerField(_("last event"), null=True, blank=True)

    class Meta:
        verbose_name = _("case of a change set")
        verbose_name_plural = _("cases of change sets")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["change_set", "case"], name="cm_change_set_row_once")]
        indexes = [
            models.Index(fields=["change_set", "state", "id"], name="cm_change_set_row_state"),
            models.Index(
                fields=["change_set", "id"], name="cm_change_set_row_open", condition=Q(state=RowState.PENDING.value)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_set_id}: {self.case_id}"
