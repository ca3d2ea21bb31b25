"""The forms of SLA policies: what is promised to which cases, what stops the clock, and the escalation ladder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.models import SlaPolicy, SlaRung
from case_management.models.sla import SlaMetric
from case_management.sla.terms import SETS, shares_of
from case_management.trying.tried_policy import TriedPolicy
from case_management.ui.setup.forms import NAMED, SetupForm

#: The fields of the form for what is promised.
PROMISES = {
    "minutes": SlaMetric.RESOLVE,
    "first_response": SlaMetric.FIRST_RESPONSE,
    "next_reply": SlaMetric.NEXT_REPLY,
}


def _promised(metric: SlaMetric) -> Callable[[SlaPolicy], int | None]:
    """Reads the targets that a list has fetched already, when it has."""
    return lambda policy: next((target.minutes for target in policy.targets.all() if target.metric == metric), None)


promised_minutes = _promised(SlaMetric.RESOLVE)


def every_policy(user: Any) -> Any:
    """Every policy, with what a line of the list tells of it."""
    return SlaPolicy.objects.select_related("priority", "calendar").prefetch_related("targets", *SETS)


def entries_asked(policy: SlaPolicy, name: str) -> list[Any]:
    """The entries of one of the policy's sets; a single priority beside them counts as one."""
    found = list(getattr(policy, name).all())
    single = policy.priority if name == "priorities" else None
    return [*found, single] if single is not None and single not in found else found


def asked_in_words(policy: SlaPolicy) -> str:
    """To which cases it applies, for a line of the list."""
    meta: Any = SlaPolicy._meta
    sets = ((meta.get_field(name).verbose_name, entries_asked(policy, name)) for name in SETS)
    said = [f"{label}: {', '.join(map(str, entries))}" for label, entries in sets if entries]
    return "; ".join(said) or _("every case")


def _minutes(label: Any, help_text: Any = "", *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1, max_value=5_000_000, label=label, help_text=help_text, required=required
    )  # fmt: skip


class _Entries(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Entries of a list, or of a tree as it stands."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, with its depth in a tree."""
        return str(obj.indented() if hasattr(obj, "indented") else obj)


class SlaPolicyForm(SetupForm):
    """A policy with its promises, which are rows of their own but asked for here."""

    derived = {name: _promised(metric) for name, metric in PROMISES.items()}
    minutes = _minutes(
        gettext_lazy("Time to resolve"),
        gettext_lazy("Minutes of business time: 480 are eight hours. Cases that run already keep theirs."),
        required=True,
    )
    first_response = _minutes(gettext_lazy("First response"), gettext_lazy("Minutes to our first reply. Empty: none."))
    next_reply = _minutes(
        gettext_lazy("Next reply"),
        gettext_lazy("Minutes to our reply when the customer writes again. Empty: none."),
    )

    class Meta:
        model = SlaPolicy
        fields = (
            "name", "key", *SETS, "calendar", *PROMISES, "pauses_for_customer", "pauses_for_third_party",
            "reopening", "warnings", *NAMED[2:],
        )  # fmt: skip
        field_classes = dict.fromkeys(SETS, _Entries)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SETS:
            self._offer_entries(name)
        for name, metric in PROMISES.items() if self.is_change else ():
            self.initial.setdefault(name, _promised(metric)(self.instance))

    def _offer_entries(self, name: str) -> None:
        """What is on offer today, and what the policy names already."""
        chosen = entries_asked(self.instance, name) if self.is_change else []
        if chosen:
            self.initial[name] = chosen
        model: Any = SlaPolicy._meta.get_field(name).related_model
        offered = model._default_manager.filter(is_active=True)
        named = model._default_manager.filter(pk__in=[entry.pk for entry in chosen])
        self.offer(name, offered | named)

    def clean_warnings(self) -> str:
        """Per cents, in one spelling."""
        try:
            return ", ".join(map(str, shares_of(self.cleaned_data["warnings"])))
        except ValueError as error:
            raise ValidationError(_("Write per cents from 1 to 99, such as 50, 75, 90.")) from error

    def tried(self) -> TriedPolicy:
        """The policy as it stands in the form, which is valid, to be tried; nothing is saved."""
        cleaned = self.cleaned_data
        self.instance.priority = None
        targets = {metric.value: cleaned[name] for name, metric in PROMISES.items() if cleaned[name]}
        return TriedPolicy.drafted(self.instance, targets, {name: [e.pk for e in cleaned[name]] for name in SETS})

    def save(self, commit: bool = True) -> Any:
        """The policy, then its promises; a single priority of before goes into the set."""
        self.instance.priority = None
        policy = super().save()
        for name, metric in PROMISES.items():
            minutes = self.cleaned_data[name]
            if minutes:
                policy.targets.update_or_create(metric=metric, defaults={"minutes": minutes})
            else:
                policy.targets.filter(metric=metric).delete()
        return policy


class SlaRungForm(SetupForm):
    """A step of the ladder."""

    class Meta:
        model = SlaRung
        fields = ("policy", "level", "minutes", "team", "user", "priority")
