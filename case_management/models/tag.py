"""Tags in categories; a category can be required before a case of some type is resolved."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from case_management.models.taxonomy import CaseType, Named


class TagCategory(Named):
    """A group of tags, such as “Root cause”."""

    required_for = models.ManyToManyField(
        CaseType, verbose_name=_("required to resolve"), blank=True, related_name="required_tag_categories",
        help_text=_("Cases of these types cannot be resolved without a tag of this category."),
    )  # fmt: skip

    class Meta(Named.Meta):
        verbose_name = _("tag category")
        verbose_name_plural = _("tag categories")


class Tag(Named):
    """One tag; names are unique over all categories so that an import can name a tag by itself."""

    category = models.ForeignKey(TagCategory, models.PROTECT, verbose_name=_("category"), related_name="tags")

    class Meta(Named.Meta):
        ordering = ["category__position", "position", "name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
