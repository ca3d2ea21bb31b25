"""What is known of somebody who works cases: skills, how many cases at once, working hours, and absences."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from case_management.models.calendar import BusinessCalendar
from case_management.models.taxonomy import CaseType, Named
from case_management.models.topic import Topic


class Skill(Named):
    """What some cases need and some people have, such as a language; cases need it by their topic or type."""

    topics = models.ManyToManyField(
        Topic, verbose_name=_("topics"), blank=True, related_name="skills",
        help_text=_("Cases of these topics, and of those below, need the skill."),
    )  # fmt: skip
    case_types = models.ManyToManyField(
        CaseType, verbose_name=_("case types"), blank=True, related_name="skills",
        help_text=_("Cases of these types need the skill."),
    )  # fmt: skip

    class Meta(Named.Meta):
        verbose_name = _("skill")
        verbose_name_plural = _("skills")


class AgentProfile(models.Model):
    """How somebody works; without one a person takes any number of cases at any hour and has no skills."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_profile", verbose_name=_("user")
    )
    capacity = models.PositiveIntegerField(
        _("capacity"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("So many open cases at most are given by rules. Empty: any number."),
    )  # fmt: skip
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="agents",
        verbose_name=_("working hours"), help_text=_("Outside these hours rules give no cases. Empty: always."),
    )  # fmt: skip
    skills = models.ManyToManyField(Skill, verbose_name=_("skills"), blank=True, related_name="agents")

    class Meta:
        verbose_name = _("agent profile")
        verbose_name_plural = _("agent profiles")
        ordering = ["user"]

    def __str__(self) -> str:
        return str(self.user)


class Absence(models.Model):
    """Days on which somebody is not there, first and last included, in the time zone of their working hours."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_absences", verbose_name=_("user")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("substitute"), help_text=_("Gets the cases that would come to the absent person by name."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-first_day"]
        indexes = [models.Index(fields=["last_day", "first_day"], name="cm_absence_days")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="cm_absence_days_in_order",
                violation_error_message=_("The last day is not before the first one."),
            ),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("user")), name="cm_absence_substitute_is_another",
                violation_error_message=_("Somebody else is the substitute."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user}: {self.first_day} – {self.last_day}"

    def clean(self) -> None:
        """Who is the substitute cannot be away for the same days because of the same row."""
        if self.substitute_id and self.substitute_id == self.user_id:
            raise ValidationError({"substitute": _("Somebody else is the substitute.")})


def absences_on(day: Any) -> Any:
    """Absences of which ``day`` is a part."""
    return Absence.objects.filter(first_day__lte=day, last_day__gte=day)
