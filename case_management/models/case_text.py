"""The words of a case as search reads them: lower case, without accents; written with the case, never shown."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.case import Case

#: Stands in ``head`` between the title's words and the customer's name; no word, for no index.
NAME_MARK = "|"


class CaseText(models.Model):
    """One row per case; the database keeps its full-text index over the three columns (see the migrations).

    The words of a column stand in their order, parted by one space (see :mod:`case_management.domain.words`).
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="words", verbose_name=_("case"))
    head = models.TextField(_("title and customer"), blank=True)
    body = models.TextField(_("description"), blank=True)
    said = models.TextField(_("notes and messages"), blank=True)

    class Meta:
        verbose_name = _("words of a case")
        verbose_name_plural = _("words of cases")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.case_id)
