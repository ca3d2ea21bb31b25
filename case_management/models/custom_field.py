"""Fields that an organisation adds to its cases, without a migration and without a restart."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.taxonomy import CaseType, Named


class FieldKind(models.TextChoices):
    """What sort of value a custom field holds."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    CHOICES = "choices", _("Several choices")
    YES_NO = "yes_no", _("Yes or no")
    USER = "user", _("User")


class CustomField(Named):
    """One field; its value stands in ``Case.custom`` by key, or in ``Case.custom_texts`` when it is free text."""

    kind = models.CharField(_("kind"), max_length=8, choices=FieldKind.choices, default=FieldKind.TEXT)
    options = models.JSONField(_("options"), default=list, blank=True, help_text=_("Key and label of each choice."))
    case_types = models.ManyToManyField(
        CaseType, verbose_name=_("case types"), blank=True, related_name="custom_fields",
        help_text=_("Only cases of these types have the field. None: every case."),
    )  # fmt: skip
    required_to_open = models.BooleanField(_("required to open"), default=False)
    required_to_resolve = models.BooleanField(_("required to resolve"), default=False)
    is_filterable = models.BooleanField(
        _("filter"), default=False, help_text=_("Lists can be filtered by it; an index is built in the background.")
    )
    in_list = models.BooleanField(_("column"), default=False, help_text=_("Shown as a column of the case list."))

    class Meta(Named.Meta):
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")

    @property
    def option_pairs(self) -> list[tuple[str, str]]:
        """Key and label of each option, in order."""
        return [(str(option["key"]), str(option["label"])) for option in self.options]

    @property
    def is_free_text(self) -> bool:
        """Whether its values may be personal and stay out of history."""
        return self.kind == FieldKind.TEXT
