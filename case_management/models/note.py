"""What staff wrote on a case; kept beside the timeline so that a text can be redacted without touching history."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case
from case_management.models.event import CaseEvent
from case_management.models.taxonomy import NoteSubject


class CaseNote(models.Model):
    """An internal note; it never leaves the organisation unless somebody ticks it to."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes", verbose_name=_("case"))
    event = models.OneToOneField(CaseEvent, models.PROTECT, related_name="note", verbose_name=_("event"))
    subject = models.ForeignKey(
        NoteSubject, models.PROTECT, null=True, blank=True, related_name="notes", verbose_name=_("subject")
    )
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text[:60]
