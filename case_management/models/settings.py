"""What an administrator may change while the site runs; one row."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Settings(models.Model):
    """Case management's settings; there is exactly one row, read with :meth:`load`."""

    note_min_length = models.PositiveSmallIntegerField(
        _("least length of a note"), default=10, validators=[MinValueValidator(1)], help_text=_("Characters.")
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close resolved cases after"), default=14, help_text=_("Days; then only reopening touches them.")
    )
    group_days = models.PositiveSmallIntegerField(
        _("group a contact's interactions within"), default=28, help_text=_("Days; later ones open a new case.")
    )
    notify_assignee = models.BooleanField(_("mail the assignee when a case is assigned"), default=True)
    notify_breach = models.BooleanField(_("mail the assignee when a deadline is missed"), default=True)
    notify_escalation = models.BooleanField(_("mail the assignee when a case is escalated"), default=True)
    show_survey_questions = models.BooleanField(_("show survey questions on the case"), default=True)
    show_tags = models.BooleanField(_("show tags on the case"), default=True)
    rules_need_approval = models.BooleanField(
        _("rules are approved before they act"), default=False,
        help_text=_("By somebody else than their author, who has the right to publish rules."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("settings")
        verbose_name_plural = _("settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="cm_settings_one_row")]

    def __str__(self) -> str:
        return str(_("Case management settings"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """There is only one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> Settings:
        """The settings in force; defaults where nobody has saved any."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
