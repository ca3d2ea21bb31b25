"""The short lists that an organisation makes its own: types, priorities, sources, reasons, methods, channels."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound="Named")


class NamedQuerySet(models.QuerySet[M]):
    """Lists are offered in their own order; what is no longer active stays readable on old cases."""

    def active(self) -> Self:
        """What may be chosen today."""
        return self.filter(is_active=True)


class Named(models.Model):
    """Abstract: an entry of a list, with a key that imports, rules and the API use and that never changes."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    key = models.SlugField(
        _("key"), max_length=60, unique=True, blank=True,
        help_text=_("Used by imports, rules and the API. Made from the name when left empty; do not change it later."),
    )  # fmt: skip
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Lists are sorted by this number."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))

    objects: Any = NamedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give the entry a key when it has none."""
        if not self.key:
            self.key = self._free_key()
        super().save(*args, **kwargs)

    def _free_key(self) -> str:
        base = slugify(self.name)[:50] or "entry"
        taken = set(type(self).objects.filter(key__startswith=base).values_list("key", flat=True))
        return next(key for key in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if key not in taken)


class CaseType(Named):
    """What sort of follow-up it is, such as “Guest recovery”; decides what resolving needs."""

    requires_resolution_method = models.BooleanField(_("resolution method is required to resolve"), default=False)
    requires_close_channel = models.BooleanField(_("close channel is required to resolve"), default=False)

    class Meta(Named.Meta):
        verbose_name = _("case type")
        verbose_name_plural = _("case types")


class Priority(Named):
    """How pressing a case is; rank 1 is the most pressing."""

    rank = models.PositiveSmallIntegerField(_("rank"), help_text=_("1 is the most pressing."))
    is_default = models.BooleanField(_("default"), default=False, help_text=_("Preset on the new case form."))

    class Meta(Named.Meta):
        ordering = ["rank", "name"]
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="cm_priority_one_default",
                violation_error_message=_("Another priority is the default already; take its mark away first."),
            )
        ]  # fmt: skip


class SourceKind(models.TextChoices):
    """What sort of interactions come in through a source."""

    SURVEY = "survey", _("Survey answer")
    EMAIL = "email", _("E-mail")
    FORM = "form", _("Form")
    MENTION = "mention", _("Mention")
    CALL = "call", _("Call")
    MANUAL = "manual", _("Entered by hand")


class AfterResolve(models.TextChoices):
    """What a new message of the customer does to a resolved case."""

    NEW_CASE = "new_case", _("Open a new, linked case")
    REOPEN = "reopen", _("Reopen within the days given")


class Source(Named):
    """A channel through which customers reach the organisation."""

    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind.choices, default=SourceKind.SURVEY)
    after_resolve = models.CharField(
        _("after resolve"), max_length=10, choices=AfterResolve.choices, default=AfterResolve.NEW_CASE
    )
    reopen_days = models.PositiveSmallIntegerField(_("days in which a message reopens"), default=0)

    class Meta(Named.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")


class ClosureReason(Named):
    """Why a case was resolved."""

    class Meta(Named.Meta):
        verbose_name = _("closure reason")
        verbose_name_plural = _("closure reasons")


class ReopenReason(Named):
    """Why a case was reopened."""

    class Meta(Named.Meta):
        verbose_name = _("reopen reason")
        verbose_name_plural = _("reopen reasons")


class ResolutionMethod(Named):
    """What was done for the customer: an apology, a discount, a refund."""

    class Meta(Named.Meta):
        verbose_name = _("resolution method")
        verbose_name_plural = _("resolution methods")


class CloseChannel(Named):
    """Through which medium the customer was told."""

    class Meta(Named.Meta):
        verbose_name = _("close channel")
        verbose_name_plural = _("close channels")


class NoteSubject(Named):
    """What a note is about."""

    class Meta(Named.Meta):
        verbose_name = _("note subject")
        verbose_name_plural = _("note subjects")
