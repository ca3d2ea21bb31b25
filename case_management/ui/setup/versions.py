"""Forms of what is kept in versions: what has acted, or was approved, is followed by a new version, not rewritten."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.db.models import Max
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import Rule, RuleStep
from case_management.models.rule import RuleState
from case_management.rules import approval, publishing
from case_management.rules.authoring import in_words, validate, validate_when
from case_management.rules.conditions.tree import parse
from case_management.rules.custom_fields import fields_of, require_offered
from case_management.ui.setup.forms import SetupForm


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

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Nothing written is what nothing was: ``{}``, ``[]`` and an empty text area are the same."""
        try:
            written = self.to_python(data)
        except forms.ValidationError:
            return True
        return (written or None) != (initial or None)


def _json(name: str, *, required: bool, empty: Any) -> _JSONField:
    field: Any = Rule._meta.get_field(name)
    made = _JSONField(label=capfirst(field.verbose_name), help_text=field.help_text, required=required)
    made.empty_value = empty
    return made


class RuleForm(VersionedForm):
    """A rule; conditions and actions are checked as the engine reads them."""

    substance = ("occasion", "timing", "scope", "conditions", "actions", "cadence", "cadence_days", "stop_processing")
    #: Whether the version that acts gives way to this one without being asked; its page shows what differs.
    replaces_live: ClassVar[bool] = False
    timing = _json("timing", required=False, empty={})
    scope = _json("scope", required=False, empty={})
    conditions = _json("conditions", required=False, empty={})
    actions = _json("actions", required=False, empty=[])

    class Meta:
        model = Rule
        fields = (
            "name", "key", "occasion", "timing", "scope", "conditions", "actions", "cadence",
            "cadence_days", "position", "stop_processing", "is_active",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_change and "name" in self.fields:
            self.fields["name"].help_text = rule_in_words(self.instance)

    def clean(self) -> dict[str, Any]:
        """The part that is wrong, and the mend."""
        cleaned = super().clean()
        cleaned["conditions"], cleaned["actions"] = cleaned.get("conditions") or {}, cleaned.get("actions") or []
        if not self.is_change and not str(self.data.get(self.add_prefix("actions")) or "").strip():
            # It is put together in the builder; until it does something it is not asked.
            cleaned["is_active"] = False
        cleaned["timing"], cleaned["scope"] = cleaned.get("timing") or {}, cleaned.get("scope") or {}
        if not {"occasion", "timing", "scope", "conditions", "actions"} & set(self.errors):
            self._check(cleaned)
        if cleaned.get("is_active") and not self.errors:
            self._check_publishing(cleaned)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """Which version acts is settled by publishing it, after the form was found sound."""
        return {*super()._get_validation_exclusions(), "is_active"}  # type: ignore[misc]

    def _check_publishing(self, cleaned: dict[str, Any]) -> None:
        live = publishing.live_version(cleaned["key"])
        if live is not None and live.pk != self.instance.pk and not self.replaces_live:
            self.add_error("is_active", _("Version %d of this rule is switched on.") % live.version)
        stored = self.stored() if self.is_change else Rule(state=RuleState.DRAFT)
        if stored.is_active and self.is_change and not set(self.substance) & set(self.changed_data):
            return
        if approval.why_not_approve(Rule(state=RuleState.DRAFT), self.acting):
            message = _("Rules are approved before they act: save it as a draft and submit it for approval.")
            self.add_error("is_active", message)

    def _check(self, cleaned: dict[str, Any]) -> None:
        try:
            validate_when(cleaned["occasion"], cleaned["timing"], cleaned["scope"])
        except InvalidConfiguration as error:
            self.add_error("timing", error.message)
        try:
            for leaf in parse(cleaned["conditions"], fields_of(cleaned["occasion"])).leaves():
                require_offered(leaf.field, leaf.value)
        except InvalidConfiguration as error:
            self.add_error("conditions", error.message)
        if not cleaned["actions"] and not cleaned.get("is_active"):
            return
        try:
            validate(cleaned["occasion"], {}, cleaned["actions"])
        except InvalidConfiguration as error:
            self.add_error("actions", error.message)

    @transaction.atomic
    def save(self, commit: bool = True) -> Rule:
        """Write the version, then publish what is to be switched on and retire what is to be switched off."""
        stored: Rule | None = self.stored() if self.is_change else None
        wanted = self.cleaned_data.get("is_active", stored is None or stored.is_active)
        self.instance.state = stored.state if stored else RuleState.DRAFT
        if self.instance.state in publishing.UNFINISHED and set(self.substance) & set(self.changed_data):
            self.instance.state = RuleState.DRAFT  # nobody approves, or has tried out, what it says now
        if stored is not None and {"occasion", "timing"} & set(self.changed_data):
            publishing.forget_clock(stored)
        saved: Rule = super().save(commit)
        if self.changed_data or stored is None:
            publishing.record(saved, RuleStep.Kind.SAVED, self.acting)
        if wanted:
            return publishing.publish(saved, by=self.acting)
        if stored is not None and stored.is_active:
            publishing.retire(stored, by=self.acting)
            saved.refresh_from_db()
        return saved

    def save_draft(self) -> Rule:
        """Keep it as the draft of the key; the version that acts goes on as it is."""
        return publishing.save_draft(self.instance, by=self.acting)

    def is_published(self, stored: Rule) -> bool:
        """A rule that has acted signs events with its version."""
        return stored.firings.exists()

    def retire(self, stored: Rule) -> None:
        """The version that follows is a draft until it is published; that retires the one before."""
        self.instance.state = RuleState.DRAFT


def rule_in_words(rule: Rule) -> str:
    """The rule as a sentence, or what makes it unreadable."""
    try:
        return in_words(rule)
    except InvalidConfiguration as error:
        return _("Not usable: %s") % error.message
