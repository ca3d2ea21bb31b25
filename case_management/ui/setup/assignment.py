"""Forms of assignment: chains of strategies, how people work, and when they are absent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_units
from case_management.access.roles import holds_everywhere
from case_management.assignment import in_order, strategies
from case_management.models import (
    Absence,
    AgentProfile,
    AssignmentChain,
    BusinessCalendar,
    CustomField,
    Membership,
    Skill,
)
from case_management.models.custom_field import FieldKind
from case_management.ui.setup.forms import NAMED, SetupForm

NAMED_BY_FIELD = "user_field"


def strategies_in_words(chain: AssignmentChain) -> str:
    """A line for the list."""
    return " › ".join(str(strategies.get(name).label) for name in chain.strategies if name in strategies)


def skills_in_words(profile: AgentProfile) -> str:
    """A line for the list."""
    return ", ".join(map(str, profile.skills.all())) or "–"


def within_reach(rows: Any, user: Any) -> Any:
    """Of rows about people those about colleagues: who holds a role in a unit where ``user`` may see such rows."""
    right = f"view_{rows.model._meta.model_name}"
    if holds_everywhere(user, right):
        return rows
    colleagues = Membership.objects.filter(unit__in=visible_units(user, right)).order_by()
    return rows.filter(user__in=colleagues.values("user"))


class _StrategiesField(forms.MultipleChoiceField):
    """Ticks, in the order in which strategies act."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=strategies.choices, **kwargs)

    def clean(self, value: Any) -> Any:
        """In the fixed order, however they were sent."""
        return in_order(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as sets; the order is fixed."""
        return set(initial or ()) != set(data or ())


class ChainForm(SetupForm):
    """Any subset of the strategies, which act in their fixed order."""

    derived = {"strategies": strategies_in_words}
    strategies = _StrategiesField(
        label=gettext_lazy("Strategies"),
        initial=["smart", "workload", "random"],
        help_text=gettext_lazy("They act in this order; each is asked where the one before it leaves several people."),
    )

    class Meta:
        model = AssignmentChain
        fields = (
            *NAMED[:2], "strategies", "user_field", "smart_days", "weighs_priority", "needs_skills", "waits",
            *NAMED[2:],
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("user_field", CustomField.objects.active().filter(kind=FieldKind.USER))

    def clean(self) -> dict[str, Any]:
        """A chain is called by its key where strategies are listed too, so it may not be called like one."""
        cleaned = super().clean()
        if cleaned.get("key") in strategies:
            self.add_error("key", _("A strategy has this name; choose another key."))
        if NAMED_BY_FIELD in cleaned.get("strategies", ()) and not cleaned.get("user_field"):
            self.add_error("user_field", _("Say which field names the assignee."))
        return cleaned


def _people(now: int | None) -> Any:
    users = get_user_model()
    rows = users._default_manager.order_by(users.USERNAME_FIELD)
    return rows.filter(is_active=True) | rows.filter(pk=now or 0)


class AgentProfileForm(SetupForm):
    """Whose profile it is stays as it is."""

    class Meta:
        model = AgentProfile
        fields = ("user", "capacity", "calendar", "skills")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("user", _people(self.instance.user_id))
        self.offer("calendar", BusinessCalendar.objects.active())
        self.offer("skills", Skill.objects.active())
        if "user" in self.fields:
            self.fields["user"].disabled = self.is_change


class AbsenceForm(SetupForm):
    """From when to when, both days included."""

    class Meta:
        model = Absence
        fields = ("user", "first_day", "last_day", "substitute")
        # The browser's own picker: no script, and the reader's own way of writing dates.
        widgets = {
            "first_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("user", _people(self.instance.user_id))
        self.offer("substitute", _people(self.instance.substitute_id))
