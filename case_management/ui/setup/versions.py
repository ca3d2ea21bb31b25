"""Forms of what is kept in versions: what has acted, or was approved, is followed by a new version, not rewritten."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import Max
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.exceptions import InvalidConfiguration
from case_management.models import Rule, ScriptedResponse, Topic
from case_management.models.wording import ScriptedState
from case_management.rules.authoring import in_words, validate
from case_management.rules.conditions.tree import parse
from case_management.rules.fields import fields_of
from case_management.ui.setup.forms import NodeField, SetupForm


class VersionedForm(SetupForm):
    """A form whose :attr:`substance` is fixed once the version :meth:`is_published`."""

    substance: ClassVar[tuple[str, ...]] = ()

    def clean(self) -> dict[str, Any]:
        """The database's rule on key and version, said before it is broken."""
        cleaned = super().clean()
        model, key = type(self.instance), cleaned.get("key")
        if not self.is_change and key and model._base_manager.filter(key=key).exists():
            self.add_error("key", _("This key is taken; choose another one."))
        return cleaned

    def is_published(self, stored: Any) -> bool:
        """Whether the version has had its effect."""
        raise NotImplementedError

    def save(self, commit: bool = True) -> Any:
        """Change the version, or write the next one; returns what is now current."""
        if not self.is_change or not set(self.substance) & set(self.changed_data):
            return super().save()
        stored = self.stored()
        return self._save_next(stored) if self.is_published(stored) else super().save()

    def _save_next(self, stored: Any) -> Any:
        self.retire(stored)
        successor, model = self.instance, type(self.instance)
        newest = model._base_manager.filter(key=stored.key).aggregate(newest=Max("version"))["newest"]
        successor.pk, successor.version, successor._state.adding = None, newest + 1, True
        successor.save()
        return successor

    def retire(self, stored: Any) -> None:
        """Take the version before out of use."""
        raise NotImplementedError


class _JSONField(forms.JSONField):
    """JSON that a person can read: indented, with letters as they are."""

    widget = forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField", "spellcheck": "false", "dir": "ltr"})

    def prepare_value(self, value: Any) -> Any:
        """What the text area shows."""
        if isinstance(value, str) or not value:
            return super().prepare_value(value) if value else ""
        return json.dumps(value, indent=2, ensure_ascii=False)


def _json(name: str, *, required: bool, empty: Any) -> _JSONField:
    field: Any = Rule._meta.get_field(name)
    made = _JSONField(label=capfirst(field.verbose_name), help_text=field.help_text, required=required)
    made.empty_value = empty
    return made


class RuleForm(VersionedForm):
    """A rule; conditions and actions are checked as the engine reads them."""

    substance = ("occasion", "conditions", "actions", "cadence", "cadence_days", "stop_processing")
    conditions = _json("conditions", required=False, empty={})
    actions = _json("actions", required=True, empty=[])

    class Meta:
        model = Rule
        fields = (
            "name", "key", "occasion", "conditions", "actions", "cadence", "cadence_days", "position",
            "stop_processing", "is_active",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_change and "name" in self.fields:
            self.fields["name"].help_text = rule_in_words(self.instance)

    def clean(self) -> dict[str, Any]:
        """The part that is wrong, and the mend."""
        cleaned = super().clean()
        cleaned["conditions"] = cleaned.get("conditions") or {}
        if not {"occasion", "conditions", "actions"} & set(self.errors):
            self._check(cleaned)
        others = Rule.objects.filter(key=cleaned.get("key"), is_active=True).exclude(pk=self.instance.pk)
        if cleaned.get("is_active") and (other := others.first()):
            self.add_error("is_active", _("Version %d of this rule is switched on.") % other.version)
        return cleaned

    def _check(self, cleaned: dict[str, Any]) -> None:
        try:
            parse(cleaned["conditions"], fields_of(cleaned["occasion"]))
        except InvalidConfiguration as error:
            self.add_error("conditions", error.message)
        try:
            validate(cleaned["occasion"], {}, cleaned["actions"])
        except InvalidConfiguration as error:
            self.add_error("actions", error.message)

    def is_published(self, stored: Rule) -> bool:
        """A rule that has acted signs events with its version."""
        return stored.firings.exists()

    def retire(self, stored: Rule) -> None:
        """Only one version of a rule is switched on."""
        Rule.objects.filter(pk=stored.pk).update(is_active=False)


def rule_in_words(rule: Rule) -> str:
    """The rule as a sentence, or what makes it unreadable."""
    try:
        return in_words(rule)
    except InvalidConfiguration as error:
        return _("Not usable: %s") % error.message


class ScriptedResponseForm(VersionedForm):
    """A wording; only those who may approve it put it to use."""

    substance = ("subject", "body", "language")
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    topic = NodeField(Topic.objects.order_by("path"), label=gettext_lazy("Topic"), required=False)

    class Meta:
        model = ScriptedResponse
        fields = ("name", "key", "subject", "body", "language", "topic", "source", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - the class says so
        language.choices = [("", gettext_lazy("Every language")), *settings.LANGUAGES]

    @property
    def may_approve(self) -> bool:
        """Whether the person has the right to approve wording."""
        return bool(self.acting.has_perm("case_management.approve_scriptedresponse"))

    def clean(self) -> dict[str, Any]:
        """Approving is a right of its own; a changed text needs it again."""
        cleaned = super().clean()
        approved = cleaned.get("state") == ScriptedState.APPROVED
        touched = bool({"state", *self.substance} & set(self.changed_data)) or not self.is_change
        if approved and touched and not self.may_approve:
            self.add_error("state", _("You may write drafts; ask somebody who may approve wording."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Remember who approved."""
        approved = self.cleaned_data["state"] == ScriptedState.APPROVED
        if approved and {"state", *self.substance} & set(self.changed_data):
            self.instance.approved_by = self.acting
        return super().save()

    def is_published(self, stored: ScriptedResponse) -> bool:
        """What was approved may have been sent."""
        return bool(stored.state == ScriptedState.APPROVED)

    def retire(self, stored: ScriptedResponse) -> None:
        """The wording before stays in use until the new one is approved."""
        if self.cleaned_data["state"] == ScriptedState.APPROVED:
            ScriptedResponse.objects.filter(pk=stored.pk).update(state=ScriptedState.RETIRED)
