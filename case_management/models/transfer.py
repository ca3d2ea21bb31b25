"""Bulk data on its way in or out, with progress that survives a crash."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.due import DueQuerySet, DueWork, due_index
from case_management.models.message import private_storage


class Transfer(DueWork):
    """Abstract: a file of cases, who asked for it and how far it is."""

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("requested by")
    )
    resource = models.CharField(_("what"), max_length=40, default="cases")
    format = models.CharField(_("format"), max_length=8)
    file = models.FileField(_("file"), storage=private_storage, upload_to="transfers/%Y/%m", blank=True, max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    total = models.PositiveIntegerField(_("rows in all"), null=True, blank=True)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: Any = DueQuerySet.as_manager()

    class Meta:
        abstract = True


class ExportJob(Transfer):
    """A list that somebody asked for: filters, not rows, so that rights hold when it runs."""

    query = models.CharField(_("query string"), max_length=1000, blank=True)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [due_index("cm_export_due")]

    def __str__(self) -> str:
        return f"{self.resource}.{self.format} #{self.pk}"


class ImportBatch(Transfer):
    """A file that is taken in chunk by chunk; ``checkpoint`` is the last row whose chunk was committed."""

    name = models.CharField(_("file name"), max_length=200, blank=True)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    dry_run = models.BooleanField(_("check only"), default=False)
    checkpoint = models.PositiveIntegerField(_("last committed row"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("unchanged"), default=0)
    failed = models.PositiveIntegerField(_("refused"), default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [due_index("cm_import_due")]

    def __str__(self) -> str:
        return f"{self.name or self.resource} #{self.pk}"


class ImportRowError(models.Model):
    """What is wrong with one value: where it stands in the file, why, and how to mend it.

    ``refused`` tells whether its row was left out, or taken in without this value. Row 0 stands for the header.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="errors", verbose_name=_("import"))
    row = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    message = models.TextField(_("message"))
    values = models.JSONField(_("row as read"), default=dict)
    refused = models.BooleanField(_("row left out"), default=True)

    class Meta:
        verbose_name = _("remark on a row")
        verbose_name_plural = _("remarks on rows")
        ordering = ["row", "pk"]

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"
