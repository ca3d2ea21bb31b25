"""The form of custom fields: what is filled in already fixes the kind and keeps its options on offer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from case_management.access import visible_to
from case_management.background import wake
from case_management.models import Case, CustomField
from case_management.models.custom_field import FieldKind
from case_management.models.custom_lookup import holds_option, is_filled
from case_management.ui.setup.forms import NAMED, SetupForm

MOST_OPTIONS, LONGEST_LABEL, LONGEST_KEY = 200, 120, 60
WITH_OPTIONS = (FieldKind.CHOICE, FieldKind.CHOICES)
#: Ends of keys that would read like the ends of a range in the address of a list.
RESERVED_ENDS = ("_from", "_to")

Options = list[dict[str, str]]


class OptionsField(forms.CharField):
    """One option per line, as “key: Label” or only its label."""

    widget = forms.Textarea(attrs={"rows": 6, "dir": "auto"})

    def prepare_value(self, value: Any) -> Any:
        """The options as lines."""
        return lines(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared by what they say."""
        return bool(lines(initial or []) != (data or "").replace("\r\n", "\n").strip())

    def clean(self, value: Any) -> Any:
        """Keys and labels; a key left out is made from the label."""
        return read_lines(super().clean(value))


def lines(options: Options) -> str:
    """The options as one types them."""
    return "\n".join(f"{option['key']}: {option['label']}" for option in options)


def read_lines(text: str) -> Options:
    """The options that the lines give. Raises ValidationError that names the line."""
    found: Options = []
    taken: set[str] = set()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        option = _option(line)
        words = {option["key"].casefold(), option["label"].casefold()}
        if words & taken:
            raise ValidationError(_("“%s” stands there twice, as a key or a label.") % line)
        taken |= words
        found.append(option)
    if len(found) > MOST_OPTIONS:
        raise ValidationError(_("At most %d options.") % MOST_OPTIONS)
    return found


def _option(line: str) -> dict[str, str]:
    key, colon, label = (part.strip() for part in line.partition(":"))
    if not colon or slugify(key) != key or not label:
        key, label = slugify(line)[:LONGEST_KEY], line
    if not key:
        raise ValidationError(_("Give “%s” a key of plain letters in front, such as “lost: …”.") % line)
    if len(label) > LONGEST_LABEL or len(key) > LONGEST_KEY:
        raise ValidationError(_("“%s” is too long.") % line[:40])
    return {"key": key, "label": label}


class CustomFieldForm(SetupForm):
    """Key and kind are fixed once cases have values; an option in use is kept."""

    options = OptionsField(
        label=gettext_lazy("Options"),
        required=False,
        help_text=gettext_lazy("For choices: one per line, as “key: Label”. Labels may change; cases keep the keys."),
    )

    class Meta:
        model = CustomField
        fields = (
            *NAMED[:2], "kind", "options", "case_types", "required_to_open", "required_to_resolve", "is_filterable",
            "in_list", *NAMED[2:],
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filled = self.is_change and Case.objects.filter(is_filled(self.instance)).exists()
        if "kind" in self.fields and self.filled:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("Fixed: cases have values.")

    def clean_key(self) -> str:
        """Not one that reads like a range."""
        key: str = self.cleaned_data["key"]
        if not self.is_change and key.endswith(RESERVED_ENDS):
            raise ValidationError(_("Choose a key that does not end in “_from” or “_to”; filters use these ends."))
        return key

    def clean(self) -> dict[str, Any]:
        """Choices need options, other kinds have none, and what cases hold stays."""
        cleaned = super().clean()
        if "options" not in self.errors and "kind" in cleaned:
            wanted = cleaned["options"] if cleaned["kind"] in WITH_OPTIONS else []
            cleaned["options"] = wanted
            if not wanted and cleaned["kind"] in WITH_OPTIONS:
                self.add_error("options", _("A choice needs at least one option."))
            self._keep_used(wanted)
        return cleaned

    def _keep_used(self, wanted: Options) -> None:
        kept = {option["key"] for option in wanted}
        before = self.stored().option_pairs if self.is_change else []
        for key, label in before:
            if key in kept:
                continue
            holding = Case.objects.filter(holds_option(self.instance, key))
            if self.filled and holding.exists():
                self.add_error("options", self._in_use(key, label))

    def _in_use(self, key: str, label: str) -> str:
        """How many cases that the person may see have the option; there may be others."""
        count = visible_to(self.acting).filter(holds_option(self.instance, key)).count()
        if not count:
            message = _("Cases that you may not see have “%(label)s” (%(key)s): keep the line.")
        else:
            message = ngettext(
                "%(count)d case has “%(label)s” (%(key)s): keep the line, or change the case first.",
                "%(count)d cases have “%(label)s” (%(key)s): keep the line, or change the cases first.",
                count,
            )
        return message % {"count": count, "label": label, "key": key}

    def save(self, commit: bool = True) -> Any:
        """Have the index built or dropped in the background."""
        saved = super().save(commit)
        wake("transfers")
        return saved


def types_in_words(field: CustomField) -> str:
    """For the list: the case types, or that all have it."""
    return ", ".join(map(str, field.case_types.all())) or _("all")
