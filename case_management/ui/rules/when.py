"""What a rule on time waits for, and for whom a rule is, as the builder's inputs have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.models.rule import Occasion
from case_management.rules.authoring import validate_when
from case_management.rules.conditions.spans import UNITS, read_span
from case_management.rules.custom_fields import fields_of
from case_management.rules.options import options_of
from case_management.rules.timing import ANCHORS, EVERY


def _choices(pairs: Any) -> Any:
    return lambda: [(key, label) for key, label in pairs.items()]


class DelayForm(forms.Form):
    """So much time after or before a moment of the case."""

    amount = forms.IntegerField(min_value=1, label=gettext_lazy("How much time"))
    unit = forms.ChoiceField(choices=_choices(UNITS), label=gettext_lazy("Unit of time"))
    lead = forms.ChoiceField(
        choices=[("after", gettext_lazy("after")), ("before", gettext_lazy("before"))],
        label=gettext_lazy("After or before"),
    )
    since = forms.ChoiceField(choices=_choices(ANCHORS), label=gettext_lazy("The moment"))

    def stored(self) -> dict[str, Any]:
        """For the rule's JSON, as far as it goes."""
        given = self.cleaned_data
        return {"since": given.get("since"), given.get("lead", "after"): f"{given.get('amount')} {given.get('unit')}"}

    @staticmethod
    def shown(timing: Any) -> dict[str, Any]:
        """What the inputs show."""
        lead = "before" if timing.get("before") else "after"
        try:
            span = read_span(str(timing.get(lead) or "2 business days"))
        except InvalidConfiguration:
            return {}
        return {"amount": span.amount, "unit": span.unit, "lead": lead, "since": timing.get("since")}


class ScheduleForm(forms.Form):
    """Set times."""

    every = forms.ChoiceField(choices=_choices(EVERY), label=gettext_lazy("How often"))
    at = forms.TimeField(label=gettext_lazy("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    weekday = forms.TypedChoiceField(
        choices=_choices(WEEKDAYS), coerce=int, label=gettext_lazy("Weekday, for every week"), required=False
    )
    day = forms.IntegerField(min_value=1, max_value=28, label=gettext_lazy("Day, for every month"), required=False)
    timezone = forms.CharField(
        max_length=64, label=gettext_lazy("Time zone"), help_text=gettext_lazy("Such as Europe/Paris.")
    )

    def stored(self) -> dict[str, Any]:
        """For the rule's JSON, as far as it goes."""
        given = self.cleaned_data
        timing = {"every": given.get("every"), "timezone": given.get("timezone")}
        if given.get("at"):
            timing["at"] = given["at"].strftime("%H:%M")
        if timing["every"] == "week":
            timing["weekday"] = given.get("weekday") or 0
        if timing["every"] == "month":
            timing["day"] = given.get("day") or 1
        return timing

    @staticmethod
    def shown(timing: Any) -> dict[str, Any]:
        """What the inputs show."""
        return {"at": "08:00", "timezone": timezone.get_current_timezone_name(), "day": 1, **timing}


_FORMS: dict[str, Any] = {Occasion.TIME_PASSED: DelayForm, Occasion.SCHEDULE: ScheduleForm}


class ScopeForm(forms.Form):
    """Only for these; whatever is left empty is no limit."""

    units = forms.MultipleChoiceField(required=False, label=gettext_lazy("Units, and those below"))
    teams = forms.MultipleChoiceField(required=False, label=gettext_lazy("Teams"))
    users = forms.MultipleChoiceField(required=False, label=gettext_lazy("Cases of these people"))

    def __init__(self, data: Any, *, occasion: str, **kwargs: Any) -> None:
        super().__init__(data, prefix="s", auto_id="cm-rule-%s", label_suffix="", **kwargs)
        fields = fields_of(occasion)
        for name, asked in (("units", "unit"), ("teams", "team"), ("users", "assignee")):
            if asked not in fields:
                del self.fields[name]
                continue
            self.fields[name].choices = options_of(asked, fields.get(asked))  # type: ignore[attr-defined]
            self.fields[name].widget.attrs["size"] = 4

    def stored(self) -> dict[str, Any]:
        """For the rule's JSON."""
        return {name: value for name, value in self.cleaned_data.items() if value}


@dataclass
class When:
    """The two forms, and what is wrong with what they say together."""

    occasion: str
    timing: dict[str, Any] = field(default_factory=dict)
    scope: dict[str, Any] = field(default_factory=dict)
    timing_form: forms.Form | None = None
    scope_form: forms.Form | None = None

    @classmethod
    def stored(cls, occasion: str, timing: Any, scope: Any) -> When:
        """As a rule has it."""
        made = cls(occasion, timing or {}, scope or {})
        form = _FORMS.get(occasion)
        made.timing_form = _form(form, None, initial=form.shown(made.timing)) if form else None
        made.scope_form = ScopeForm(None, occasion=occasion, initial=made.scope)
        return made

    @classmethod
    def read(cls, data: QueryDict, occasion: str) -> When:
        """As the page sent it; where the occasion was just chosen, its inputs start with something that works."""
        form = _FORMS.get(occasion)
        if form is not None and not any(name.startswith(f"t{occasion}-") for name in data):
            made = cls.stored(occasion, {}, {})
        else:
            made = cls(occasion)
            made.timing_form = _form(form, data, prefix=f"t{occasion}") if form else None
            if made.timing_form is not None:
                made.timing_form.is_valid()
                made.timing = made.timing_form.stored()
        scope_form = ScopeForm(data, occasion=occasion)
        made.scope_form = scope_form
        made.scope = scope_form.stored() if scope_form.is_valid() else {}
        return made

    @property
    def error(self) -> str:
        """What is wrong, and the mend."""
        if self.timing_form is not None and not self.timing_form.is_bound and not self.timing:
            return ""
        try:
            validate_when(self.occasion, self.timing, self.scope)
        except InvalidConfiguration as error:
            return error.message
        return ""


def _form(form: Any, data: Any, **kwargs: Any) -> Any:
    kwargs.setdefault("prefix", f"t{_occasion_of(form)}")
    return form(data, auto_id="cm-rule-%s", label_suffix="", **kwargs)


def _occasion_of(form: Any) -> str:
    return next(str(occasion) for occasion, known in _FORMS.items() if known is form)
