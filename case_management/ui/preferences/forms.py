"""The forms of preferences: each saves its own part of the row, so that several may be sent together."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from case_management.models import Preferences
from case_management.models.preferences import AfterResolve
from case_management.notifications.dispatch import KINDS


class PartForm(forms.ModelForm):  # type: ignore[type-arg]
    """Base: a part of the preferences of ``instance.user``, whose row need not be there yet."""

    class Meta:
        model = Preferences
        fields: tuple[str, ...] = ()

    def chosen(self) -> dict[str, Any]:
        """What this part keeps, by the name of the field."""
        return {name: self.cleaned_data[name] for name in self.fields if hasattr(self.instance, name)}

    def save(self, commit: bool = True) -> Preferences:
        """Write this part and leave the others as they are."""
        kept, _is_new = Preferences.objects.update_or_create(user=self.instance.user, defaults=self.chosen())
        return kept


class SignatureForm(PartForm):
    """How letters end."""

    class Meta(PartForm.Meta):
        fields = ("signature",)
        widgets = {"signature": forms.Textarea(attrs={"rows": 4, "dir": "auto"})}


class MailForm(PartForm):
    """Which kinds of notification are mailed; what is not chosen is muted."""

    mailed = forms.MultipleChoiceField(
        choices=lambda: list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=_("Send me e-mail when"),
        help_text=_("What you leave out is still recorded in the ledger, as not sent because you muted it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["mailed"] = [kind for kind in KINDS if kind not in self.instance.muted]

    def chosen(self) -> dict[str, Any]:
        """Kinds that this release does not offer stay as they were."""
        unknown = [kind for kind in self.instance.muted if kind not in KINDS]
        muted = [kind for kind in KINDS if kind not in self.cleaned_data["mailed"]]
        return {**super().chosen(), "muted": [*muted, *unknown]}


class KeyboardForm(PartForm):
    """Keys that act on the pages."""

    class Meta(PartForm.Meta):
        fields = ("uses_shortcuts",)
        help_texts = {"uses_shortcuts": _("Single keys act on lists and cases. Switch off if they get in your way.")}


class PaceForm(PartForm):
    """What comes after a case that was resolved."""

    after_resolve = forms.ChoiceField(
        choices=AfterResolve.choices, required=False, label=_("After resolving a case"), initial=AfterResolve.NEXT
    )

    class Meta(PartForm.Meta):
        fields = ("after_resolve",)

    def clean_after_resolve(self) -> str:
        """A browser that did not ask leaves it as it is."""
        return self.cleaned_data["after_resolve"] or self.instance.after_resolve


def _zones() -> list[tuple[str, Any]]:
    return [("", _("The site's own")), *((zone, zone) for zone in sorted(available_timezones() - {"localtime"}))]


class ZoneForm(PartForm):
    """In which time zone moments are shown."""

    time_zone = forms.ChoiceField(choices=_zones, required=False, label=_("Time zone"))

    class Meta(PartForm.Meta):
        fields = ("time_zone",)
